// What surrounds the ops: autograd, autocast, seeds, threads, devices and their memory.
#include "handles.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <cstdlib>
#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/version.h>

namespace {

std::vector<at::Tensor> toTensors(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<at::Tensor> out;
  for (uint32_t i = 0; i < array.Length(); i++) {
    const int32_t id = array.Get(i).As<Napi::Number>().Int32Value();
    out.push_back(id < 0 ? at::Tensor() : handles().get(id));
  }
  return out;
}

/// A zero whose gradient with respect to x is known: times what arrives, in place, so that a weight's gradient is never there twice.
struct KnownGradient : torch::autograd::Function<KnownGradient> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& gradient) {
    context->saved_data["gradient"] = gradient;
    return at::zeros({}, x.options().dtype(at::kFloat));
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list arrived) {
    TORCH_CHECK(context->saved_data.count("gradient"), "a known gradient goes backward once");
    at::Tensor gradient = std::move(context->saved_data["gradient"]).toTensor();
    context->saved_data.clear();
    gradient.mul_(arrived[0]);
    return {std::move(gradient), at::Tensor()};
  }
};

/// knownGradient(id, gradientId): the gradient is the graph's from now on.
Napi::Value knownGradient(const Napi::CallbackInfo& info) {
  try {
    const auto of = [&](int i) { return handles().get(info[i].As<Napi::Number>().Int32Value()); };
    return Napi::Number::New(info.Env(), handles().put(KnownGradient::apply(of(0), of(1))));
  } catch (...) {
    throwToJavaScript(info.Env(), "knownGradient");
    return info.Env().Undefined();
  }
}

/// Rows of a weight. On the CPU their gradients are added to the weight's own where it has one: autograd would make a dense
/// gradient of the weight's size, of which a batch fills few rows, and add all of it.
struct Embedding : torch::autograd::Function<Embedding> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& weight, const at::Tensor& ids, int64_t padding) {
    context->save_for_backward({weight, ids});
    context->saved_data["padding"] = padding;
    return at::embedding(weight, ids, padding);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list arrived) {
    const auto saved = context->get_saved_variables();
    const auto& weight = saved[0];
    const auto padding = context->saved_data["padding"].toInt();
    if (!weight.is_cpu() || !weight.is_leaf() || !weight.grad().defined())
      return {at::embedding_dense_backward(arrived[0], saved[1], weight.size(0), padding, false), at::Tensor(), at::Tensor()};
    auto ids = saved[1].flatten();
    auto rows = arrived[0].reshape({-1, weight.size(1)});
    if (padding >= 0) {
      const auto kept = ids.ne(padding).nonzero().squeeze(1);
      ids = ids.index_select(0, kept);
      rows = rows.index_select(0, kept);
    }
    weight.mutable_grad().index_add_(0, ids, rows);
    return {at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

/// embedding(weightId, idsId, padding)
Napi::Value embedding(const Napi::CallbackInfo& info) {
  try {
    const auto of = [&](int i) { return handles().get(info[i].As<Napi::Number>().Int32Value()); };
    return Napi::Number::New(info.Env(), handles().put(Embedding::apply(of(0), of(1), info[2].As<Napi::Number>().Int64Value())));
  } catch (...) {
    throwToJavaScript(info.Env(), "embedding");
    return info.Env().Undefined();
  }
}

/// backward(ids, gradientIds, retainGraph)
Napi::Value backward(const Napi::CallbackInfo& info) {
  try {
    torch::autograd::backward(toTensors(info[0]), toTensors(info[1]), info[2].As<Napi::Boolean>().Value());
  } catch (...) {
    throwToJavaScript(info.Env(), "backward");
  }
  return info.Env().Undefined();
}

Napi::Value setRequiresGrad(const Napi::CallbackInfo& info) {
  try {
    handles().get(info[0].As<Napi::Number>().Int32Value()).requires_grad_(info[1].As<Napi::Boolean>().Value());
  } catch (...) {
    throwToJavaScript(info.Env(), "requiresGrad");
  }
  return info.Env().Undefined();
}

Napi::Value requiresGrad(const Napi::CallbackInfo& info) {
  try {
    return Napi::Boolean::New(info.Env(), handles().get(info[0].As<Napi::Number>().Int32Value()).requires_grad());
  } catch (...) {
    throwToJavaScript(info.Env(), "requiresGrad");
    return info.Env().Undefined();
  }
}

Napi::Value grad(const Napi::CallbackInfo& info) {
  try {
    auto gradient = handles().get(info[0].As<Napi::Number>().Int32Value()).grad();
    return Napi::Number::New(info.Env(), gradient.defined() ? handles().put(std::move(gradient)) : -1);
  } catch (...) {
    throwToJavaScript(info.Env(), "grad");
    return info.Env().Undefined();
  }
}

/// setGrad(id, gradientId or −1)
Napi::Value setGrad(const Napi::CallbackInfo& info) {
  try {
    const int32_t gradient = info[1].As<Napi::Number>().Int32Value();
    handles().get(info[0].As<Napi::Number>().Int32Value()).mutable_grad() = gradient < 0 ? at::Tensor() : handles().get(gradient);
  } catch (...) {
    throwToJavaScript(info.Env(), "setGrad");
  }
  return info.Env().Undefined();
}

Napi::Value setGradEnabled(const Napi::CallbackInfo& info) {
  const bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(info[0].As<Napi::Boolean>().Value());
  return Napi::Boolean::New(info.Env(), before);
}

/// enterAutocast(deviceType, dtype) … exitAutocast(deviceType): casts of leaf weights are cached in between.
Napi::Value enterAutocast(const Napi::CallbackInfo& info) {
  try {
    const auto type = c10::Device(info[0].As<Napi::String>().Utf8Value()).type();
    at::autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(info[1].As<Napi::Number>().Int32Value()));
    at::autocast::set_autocast_enabled(type, true);
    at::autocast::increment_nesting();
  } catch (...) {
    throwToJavaScript(info.Env(), "autocast");
  }
  return info.Env().Undefined();
}

Napi::Value exitAutocast(const Napi::CallbackInfo& info) {
  try {
    const auto type = c10::Device(info[0].As<Napi::String>().Utf8Value()).type();
    if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();
      at::autocast::set_autocast_enabled(type, false);
    }
  } catch (...) {
    throwToJavaScript(info.Env(), "autocast");
  }
  return info.Env().Undefined();
}

/// setAutocastEnabled(deviceType, enabled): for a part in full precision inside of enterAutocast … exitAutocast.
Napi::Value setAutocastEnabled(const Napi::CallbackInfo& info) {
  try {
    const auto type = c10::Device(info[0].As<Napi::String>().Utf8Value()).type();
    at::autocast::set_autocast_enabled(type, info[1].As<Napi::Boolean>().Value());
  } catch (...) {
    throwToJavaScript(info.Env(), "autocast");
  }
  return info.Env().Undefined();
}

/// manualSeed(seed): every device's generator; the seed is a BigInt of 64 bits.
Napi::Value manualSeed(const Napi::CallbackInfo& info) {
  bool lossless;
  at::manual_seed(info[0].As<Napi::BigInt>().Uint64Value(&lossless));
  return info.Env().Undefined();
}

Napi::Value setThreads(const Napi::CallbackInfo& info) {
  at::set_num_threads(info[0].As<Napi::Number>().Int32Value());
  return info.Env().Undefined();
}

Napi::Value threads(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), at::get_num_threads()); }

Napi::Value torchVersion(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), TORCH_VERSION); }

/// loadLibrary(path): registers a device library's ops (libtorch_cuda); false with no such file.
Napi::Value loadLibrary(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>();
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    Napi::Error::New(info.Env(), path + ": " + dlerror()).ThrowAsJavaScriptException();
  }
  return info.Env().Undefined();
}

/// accelerator(): {type, count} of the accelerator that this libtorch was built for, or null where none is usable.
Napi::Value accelerator(const Napi::CallbackInfo& info) {
  try {
    const auto type = at::accelerator::getAccelerator(false);
    if (!type || at::accelerator::deviceCount() == 0) return info.Env().Null();
    auto out = Napi::Object::New(info.Env());
    out.Set("type", c10::DeviceTypeName(*type, true));
    out.Set("count", at::accelerator::deviceCount());
    return out;
  } catch (const std::exception&) {
    return info.Env().Null();
  }
}

/// acceleratorMemory(index): bytes {allocated, peak, free, total}.
Napi::Value acceleratorMemory(const Napi::CallbackInfo& info) {
  try {
    const auto index = static_cast<c10::DeviceIndex>(info[0].As<Napi::Number>().Int32Value());
    const auto stats = at::accelerator::getDeviceStats(index);
    const auto& all = stats.allocated_bytes[0];
    const auto room = at::accelerator::getMemoryInfo(index);
    auto out = Napi::Object::New(info.Env());
    out.Set("allocated", static_cast<double>(all.current));
    out.Set("peak", static_cast<double>(all.peak));
    out.Set("free", static_cast<double>(room.first));
    out.Set("total", static_cast<double>(room.second));
    return out;
  } catch (...) {
    throwToJavaScript(info.Env(), "memory");
    return info.Env().Undefined();
  }
}

Napi::Value synchronize(const Napi::CallbackInfo& info) {
  try {
    at::accelerator::synchronizeDevice(static_cast<c10::DeviceIndex>(info[0].As<Napi::Number>().Int32Value()));
  } catch (...) {
    throwToJavaScript(info.Env(), "synchronize");
  }
  return info.Env().Undefined();
}

/// Large blocks stay in the process: handed back and fetched anew, their pages cost a sixth of a training step. A user's
/// own settings of the allocator win.
void keepFreedMemory() {
#ifdef __GLIBC__
  for (const char* own : {"MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"})
    if (std::getenv(own) != nullptr) return;
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
#endif
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  keepFreedMemory();
  registerTensor(env, exports);
  registerDispatch(env, exports);
  registerRuntime(env, exports);
  return exports;
}

}  // namespace

void registerRuntime(Napi::Env env, Napi::Object exports) {
  exports.Set("backward", Napi::Function::New(env, backward));
  exports.Set("knownGradient", Napi::Function::New(env, knownGradient));
  exports.Set("embedding", Napi::Function::New(env, embedding));
  exports.Set("setRequiresGrad", Napi::Function::New(env, setRequiresGrad));
  exports.Set("requiresGrad", Napi::Function::New(env, requiresGrad));
  exports.Set("grad", Napi::Function::New(env, grad));
  exports.Set("setGrad", Napi::Function::New(env, setGrad));
  exports.Set("setGradEnabled", Napi::Function::New(env, setGradEnabled));
  exports.Set("enterAutocast", Napi::Function::New(env, enterAutocast));
  exports.Set("exitAutocast", Napi::Function::New(env, exitAutocast));
  exports.Set("setAutocastEnabled", Napi::Function::New(env, setAutocastEnabled));
  exports.Set("manualSeed", Napi::Function::New(env, manualSeed));
  exports.Set("setThreads", Napi::Function::New(env, setThreads));
  exports.Set("threads", Napi::Function::New(env, threads));
  exports.Set("torchVersion", Napi::Function::New(env, torchVersion));
  exports.Set("loadLibrary", Napi::Function::New(env, loadLibrary));
  exports.Set("accelerator", Napi::Function::New(env, accelerator));
  exports.Set("acceleratorMemory", Napi::Function::New(env, acceleratorMemory));
  exports.Set("synchronize", Napi::Function::New(env, synchronize));
}

NODE_API_MODULE(interlingua, initialize)
