// Collectives over c10d, as ops of libtorch's dispatcher (interlingua::…): loading this library registers them, and the one
// generic binding calls them. Built only where Gloo's or NCCL's headers are found. One process group per process.
#include <ATen/ATen.h>
#include <c10/util/Logging.h>
#include <future>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/library.h>
#ifdef USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace {

using Milliseconds = std::chrono::milliseconds;
using Work = c10::intrusive_ptr<c10d::Work>;

struct Group {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::Backend> backend;
};

/// Never freed at exit: its threads may still be waiting for a peer then.
Group& group() {
  static auto* only = new Group();
  return *only;
}

c10d::Backend& backend() {
  TORCH_CHECK(group().backend, "this process is in no group");
  return *group().backend;
}

c10::intrusive_ptr<c10d::Backend> makeBackend(const std::string& name, const std::string& host, int rank, int size, Milliseconds timeout) {
  const auto& store = group().store;
#ifdef USE_C10D_GLOO
  if (name == "gloo") {
    auto options = c10d::ProcessGroupGloo::Options::create(timeout);
    // one machine talks over the loopback, whatever its own name resolves to
    if (host == "127.0.0.1" || host == "localhost") options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
    else options = c10d::ProcessGroupGloo::Options::create_default(timeout);
    return c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
  }
#endif
#ifdef USE_C10D_NCCL
  if (name == "nccl") {
    setenv("TORCH_NCCL_BLOCKING_WAIT", "1", 0);  // a lost peer is an error of the call, not the end of the process
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = timeout;
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
  }
#endif
  TORCH_CHECK(false, "collectives were built without ", name);
}

/// join(backend, host, port, rank, size, serve, prefix, timeout in ms): `serve` where this process holds the store.
void joinGroup(const std::string& name, const std::string& host, int64_t port, int64_t rank, int64_t size, bool serve, const std::string& prefix,
          int64_t timeout) {
  TORCH_CHECK(!group().store, "this process is in a group already");
  c10::initLogging();  // reads TORCH_CPP_LOG_LEVEL
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(port);
  options.isServer = serve;
  options.timeout = Milliseconds(timeout);
  options.waitWorkers = false;  // the group's own rendezvous waits
  auto store = c10::make_intrusive<c10d::TCPStore>(host, options);
  store->setTimeout(Milliseconds(timeout));
  group().store = c10::make_intrusive<c10d::PrefixStore>(prefix, store);
  try {
    group().backend = makeBackend(name, host, static_cast<int>(rank), static_cast<int>(size), Milliseconds(timeout));
  } catch (...) {
    group().store.reset();
    throw;
  }
}

/// Closes the connections to the peers; the store stays until the process ends.
void closeGroup() { group().backend.reset(); }

void waitAll(const std::vector<Work>& works) {
  for (const auto& work : works) work->wait();
}

/// One collective per tensor, all under way together. `launch(tensors of one call, root)`.
template <typename Launch>
void each(const std::vector<at::Tensor>& tensors, Launch launch) {
  std::vector<Work> works;
  for (size_t i = 0; i < tensors.size(); i++) {
    std::vector<at::Tensor> one{tensors[i]};
    works.push_back(launch(one, i));
  }
  waitAll(works);
}

void allReduceSum(const std::vector<at::Tensor>& tensors, int64_t timeout) {
  c10d::AllreduceOptions options;
  options.timeout = Milliseconds(timeout);
  each(tensors, [&](auto& one, size_t) { return backend().allreduce(one, options); });
}

void reduceSum(const std::vector<at::Tensor>& tensors, at::IntArrayRef roots, int64_t timeout) {
  each(tensors, [&](auto& one, size_t i) {
    c10d::ReduceOptions options;
    options.rootRank = roots[i];
    options.timeout = Milliseconds(timeout);
    return backend().reduce(one, options);
  });
}

void broadcast(const std::vector<at::Tensor>& tensors, at::IntArrayRef roots, int64_t timeout) {
  each(tensors, [&](auto& one, size_t i) {
    c10d::BroadcastOptions options;
    options.rootRank = roots[i];
    options.timeout = Milliseconds(timeout);
    return backend().broadcast(one, options);
  });
}

std::vector<at::Tensor> allGather(const at::Tensor& tensor, int64_t timeout) {
  std::vector<at::Tensor> inputs{tensor};
  std::vector<std::vector<at::Tensor>> outputs(1);
  for (int i = 0; i < backend().getSize(); i++) outputs[0].push_back(at::empty_like(tensor));
  c10d::AllgatherOptions options;
  options.timeout = Milliseconds(timeout);
  backend().allgather(outputs, inputs, options)->wait();
  return outputs[0];
}

void sendTo(const at::Tensor& tensor, int64_t to, int64_t timeout) {
  std::vector<at::Tensor> one{tensor};
  backend().send(one, static_cast<int>(to), 0)->wait(Milliseconds(timeout));
}

void receiveFrom(const at::Tensor& tensor, int64_t from, int64_t timeout) {
  std::vector<at::Tensor> one{tensor};
  backend().recv(one, static_cast<int>(from), 0)->wait(Milliseconds(timeout));
}

/// What `body` returns, unless the process that holds the store does not answer in time.
template <typename Body>
auto answered(int64_t timeout, Body body) -> decltype(body(*group().store)) {
  TORCH_CHECK(group().store, "this process is in no group");
  std::packaged_task<decltype(body(*group().store))()> task([store = group().store, body] { return body(*store); });
  auto result = task.get_future();
  std::thread(std::move(task)).detach();
  TORCH_CHECK(result.wait_for(Milliseconds(timeout)) == std::future_status::ready, "the store does not answer");
  return result.get();
}

/// Leaves a note for the other ranks, also after the connections are closed.
void leaveNote(const std::string& key, int64_t timeout) {
  answered(timeout, [key](c10d::Store& store) { store.set(key, std::vector<uint8_t>{1}); });
}

/// Whether a note is there, now.
bool hasNote(const std::string& key, int64_t timeout) {
  return answered(timeout, [key](c10d::Store& store) { return store.check({key}); });
}

}  // namespace

TORCH_LIBRARY(interlingua, library) {
  library.def("join(str backend, str host, int port, int rank, int size, bool serve, str prefix, int timeout) -> ()", joinGroup);
  library.def("close() -> ()", closeGroup);
  library.def("all_reduce_sum_(Tensor(a!)[] tensors, int timeout) -> ()", allReduceSum);
  library.def("reduce_sum_(Tensor(a!)[] tensors, int[] roots, int timeout) -> ()", reduceSum);
  library.def("broadcast_(Tensor(a!)[] tensors, int[] roots, int timeout) -> ()", broadcast);
  library.def("all_gather(Tensor tensor, int timeout) -> Tensor[]", allGather);
  library.def("send(Tensor tensor, int to, int timeout) -> ()", sendTo);
  library.def("receive_(Tensor(a!) tensor, int from_, int timeout) -> ()", receiveFrom);
  library.def("leave_note(str key, int timeout) -> ()", leaveNote);
  library.def("has_note(str key, int timeout) -> bool", hasNote);
}
