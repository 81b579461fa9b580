"""Makes test/goldens/python/random.golden.json: values of CPython's random module (3.2 or later give the same).

    python scripts/make-python-goldens.py
"""
import json
import os
import random

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens", "python")
os.makedirs(folder, exist_ok=True)


def fresh(seed):
    generator = random.Random()
    generator.seed(seed)
    return generator


def stream(seed, draw, count):
    generator = fresh(seed)
    return [draw(generator) for _ in range(count)]


def shuffled(generator, items):
    generator.shuffle(items)
    return list(items)


def case(seed):
    one = fresh(seed)
    bits, whole, ranges = fresh(seed), fresh(seed), fresh(seed)
    draws = lambda generator, low, high: [generator.randint(low, high) for _ in range(3)]
    return {
        "seed": str(seed),
        "seed_type": type(seed).__name__,
        "random": stream(seed, lambda g: g.random(), 4),
        "getrandbits32": stream(seed, lambda g: g.getrandbits(32), 3),
        "getrandbits": [[n, str(bits.getrandbits(n))] for n in (1, 32, 33, 64, 100)],
        "randint": [[a, b, draws(whole, a, b)] for a, b in ((0, 1), (1, 6), (-5, 5), (7, 7), (0, 2**31), (0, 2**32 - 1), (0, 2**40))],
        "randrange": [[a, b, s, [ranges.randrange(a, b, s) for _ in range(3)]] for a, b, s in ((0, 7, 1), (0, 100, 7), (10, -10, -3))],
        "shuffle": [[n, shuffled(fresh(seed), list(range(n)))] for n in (0, 1, 2, 7)],
        "shuffle_twice_20": [shuffled(one, list(range(20))) for _ in range(2)],
        "sample": [[n, k, fresh(seed).sample(range(n), k)] for n, k in ((5, 5), (21, 5), (22, 5), (85, 6), (86, 6), (1000, 9))],
        "sample_list": fresh(seed).sample("abcdefghij", 4),
        "choice_of_13": stream(seed, lambda g: g.choice(range(13)), 5),
        "choices_10_k8": fresh(seed).choices(range(10), k=8),
        "choices_weighted": fresh(seed).choices("wxyz", weights=[2, 10, 4, 1], k=12),
        "choices_cum_weighted": fresh(seed).choices("wxyz", cum_weights=[0.19, 0.39, 0.98, 1], k=12),
        "uniform_-2_3.5": stream(seed, lambda g: g.uniform(-2, 3.5), 3),
        "gauss_0_1": stream(seed, lambda g: g.gauss(0, 1), 4),
        "normalvariate_0_1": stream(seed, lambda g: g.normalvariate(0, 1), 4),
        "mixed": [one.seed(seed) or one.random(), one.randint(0, 99), one.sample(range(50), 3), one.choice("abcdef"), one.random()],
        "random_after_1000": stream(seed, lambda g: g.random(), 1001)[-1],
    }


# a seed of zero, a negative one, one of three 32-bit words, and texts
cases = [case(seed) for seed in (0, -7, 2**70 + 3, "harusi ya Kilimanjaro", "")]
with open(os.path.join(folder, "random.golden.json"), "w", encoding="utf-8") as file:
    json.dump({"cases": cases}, file, ensure_ascii=False)
    file.write("\n")
