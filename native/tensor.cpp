// Tensors in and out of JavaScript: typed arrays, shapes, lifetimes.
#include "handles.h"

#include <c10/core/ScalarType.h>
#include <cstring>
#include <sstream>

Handles& handles() {
  static Handles all;
  return all;
}

std::string describe(const at::Tensor& tensor) {
  if (!tensor.defined()) return "undefined";
  std::ostringstream out;
  out << c10::toString(tensor.scalar_type()) << " [";
  for (int64_t i = 0; i < tensor.dim(); i++) out << (i ? " " : "") << tensor.size(i);
  out << "]";
  return out.str();
}

void throwToJavaScript(napi_env env, const std::string& where) {
  std::string what;
  try {
    throw;
  } catch (const c10::Error& error) {
    what = error.what_without_backtrace();
  } catch (const std::bad_alloc&) {
    what = "out of memory";
  } catch (const std::exception& error) {
    what = error.what();
  }
  // libtorch appends where in its own C++ the exception was raised; nobody outside can use that
  const auto trace = what.find("\nException raised from");
  if (trace != std::string::npos) what.resize(trace);
  napi_throw_error(env, nullptr, (where + ": " + what).c_str());
}

namespace {

at::ScalarType elementType(napi_typedarray_type type) {
  switch (type) {
    case napi_float32_array: return at::kFloat;
    case napi_float64_array: return at::kDouble;
    case napi_int32_array: return at::kInt;
    case napi_bigint64_array: return at::kLong;
    case napi_uint8_array: return at::kByte;
    case napi_int8_array: return at::kChar;
    case napi_int16_array: return at::kShort;
    default: TORCH_CHECK(false, "this kind of typed array has no tensor type");
  }
}

std::vector<int64_t> toSizes(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<int64_t> sizes(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) sizes[i] = array.Get(i).As<Napi::Number>().Int64Value();
  return sizes;
}

/// fromTypedArray(data, shape, dtype, device): copies.
Napi::Value fromTypedArray(const Napi::CallbackInfo& info) {
  try {
    const auto array = info[0].As<Napi::TypedArray>();
    const auto sizes = toSizes(info[1]);
    const auto dtype = static_cast<at::ScalarType>(info[2].As<Napi::Number>().Int32Value());
    const c10::Device device(info[3].As<Napi::String>().Utf8Value());
    int64_t expected = 1;
    for (const auto size : sizes) expected *= size;
    TORCH_CHECK(expected == static_cast<int64_t>(array.ElementLength()), "the shape holds ", expected,
                " elements, the data ", array.ElementLength());
    auto* bytes = static_cast<uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset();
    const auto given = elementType(array.TypedArrayType());
    const auto view = at::from_blob(bytes, sizes, at::TensorOptions().dtype(given));
    auto copy = view.to(at::TensorOptions().dtype(dtype).device(device), false, true);
    return Napi::Number::New(info.Env(), handles().put(std::move(copy)));
  } catch (...) {
    throwToJavaScript(info.Env(), "tensor");
    return info.Env().Undefined();
  }
}

template <typename Array>
Napi::Value copyOut(Napi::Env env, const at::Tensor& tensor) {
  auto out = Array::New(env, tensor.numel());
  if (tensor.numel() > 0) std::memcpy(out.Data(), tensor.data_ptr(), tensor.nbytes());
  return out;
}

/// toTypedArray(id): a flat row-major copy; half precision arrives as float32, int64 as BigInt64Array.
Napi::Value toTypedArray(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  try {
    auto tensor = handles().get(info[0].As<Napi::Number>().Int32Value()).detach().to(at::kCPU);
    const auto type = tensor.scalar_type();
    if (type == at::kHalf || type == at::kBFloat16) tensor = tensor.to(at::kFloat);
    tensor = tensor.contiguous();
    switch (tensor.scalar_type()) {
      case at::kFloat: return copyOut<Napi::Float32Array>(env, tensor);
      case at::kDouble: return copyOut<Napi::Float64Array>(env, tensor);
      case at::kInt: return copyOut<Napi::Int32Array>(env, tensor);
      case at::kLong: return copyOut<Napi::BigInt64Array>(env, tensor);
      case at::kByte:
      case at::kBool: return copyOut<Napi::Uint8Array>(env, tensor);
      case at::kChar: return copyOut<Napi::Int8Array>(env, tensor);
      case at::kShort: return copyOut<Napi::Int16Array>(env, tensor);
      default: TORCH_CHECK(false, "no typed array holds ", c10::toString(type));
    }
  } catch (...) {
    throwToJavaScript(env, "toArray");
    return env.Undefined();
  }
}

/// rawBytes(id): the contiguous bytes of a tensor in its own type, for files.
Napi::Value rawBytes(const Napi::CallbackInfo& info) {
  try {
    const auto tensor = handles().get(info[0].As<Napi::Number>().Int32Value()).detach().to(at::kCPU).contiguous();
    auto out = Napi::Uint8Array::New(info.Env(), tensor.nbytes());
    if (tensor.nbytes() > 0) std::memcpy(out.Data(), tensor.data_ptr(), tensor.nbytes());
    return out;
  } catch (...) {
    throwToJavaScript(info.Env(), "bytes");
    return info.Env().Undefined();
  }
}

Napi::Value shape(const Napi::CallbackInfo& info) {
  try {
    const auto& tensor = handles().get(info[0].As<Napi::Number>().Int32Value());
    auto out = Napi::Array::New(info.Env(), tensor.dim());
    for (int64_t i = 0; i < tensor.dim(); i++) out.Set(static_cast<uint32_t>(i), Napi::Number::New(info.Env(), tensor.size(i)));
    return out;
  } catch (...) {
    throwToJavaScript(info.Env(), "shape");
    return info.Env().Undefined();
  }
}

Napi::Value dtype(const Napi::CallbackInfo& info) {
  try {
    const auto& tensor = handles().get(info[0].As<Napi::Number>().Int32Value());
    return Napi::Number::New(info.Env(), static_cast<int>(tensor.scalar_type()));
  } catch (...) {
    throwToJavaScript(info.Env(), "dtype");
    return info.Env().Undefined();
  }
}

Napi::Value device(const Napi::CallbackInfo& info) {
  try {
    return Napi::String::New(info.Env(), handles().get(info[0].As<Napi::Number>().Int32Value()).device().str());
  } catch (...) {
    throwToJavaScript(info.Env(), "device");
    return info.Env().Undefined();
  }
}

Napi::Value item(const Napi::CallbackInfo& info) {
  try {
    return Napi::Number::New(info.Env(), handles().get(info[0].As<Napi::Number>().Int32Value()).item().toDouble());
  } catch (...) {
    throwToJavaScript(info.Env(), "item");
    return info.Env().Undefined();
  }
}

/// alias(id): a second handle to the same tensor.
Napi::Value alias(const Napi::CallbackInfo& info) {
  try {
    auto tensor = handles().get(info[0].As<Napi::Number>().Int32Value());
    return Napi::Number::New(info.Env(), handles().put(std::move(tensor)));
  } catch (...) {
    throwToJavaScript(info.Env(), "alias");
    return info.Env().Undefined();
  }
}

napi_value drop(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t id = -1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_get_value_int32(env, argument, &id);
  handles().drop(id);
  return nullptr;
}

Napi::Value bytesOf(const Napi::CallbackInfo& info) {
  try {
    return Napi::Number::New(info.Env(), static_cast<double>(handles().get(info[0].As<Napi::Number>().Int32Value()).nbytes()));
  } catch (...) {
    throwToJavaScript(info.Env(), "bytes");
    return info.Env().Undefined();
  }
}

/// adjustExternalMemory(bytes): tells V8 about memory that only a finalizer will free.
Napi::Value adjustExternalMemory(const Napi::CallbackInfo& info) {
  Napi::MemoryManagement::AdjustExternalMemory(info.Env(), info[0].As<Napi::Number>().Int64Value());
  return info.Env().Undefined();
}

Napi::Value liveHandles(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(handles().live()));
}

}  // namespace

void registerTensor(Napi::Env env, Napi::Object exports) {
  exports.Set("fromTypedArray", Napi::Function::New(env, fromTypedArray));
  exports.Set("toTypedArray", Napi::Function::New(env, toTypedArray));
  exports.Set("rawBytes", Napi::Function::New(env, rawBytes));
  exports.Set("shape", Napi::Function::New(env, shape));
  exports.Set("dtype", Napi::Function::New(env, dtype));
  exports.Set("device", Napi::Function::New(env, device));
  exports.Set("item", Napi::Function::New(env, item));
  exports.Set("alias", Napi::Function::New(env, alias));
  exports.Set("bytesOf", Napi::Function::New(env, bytesOf));
  exports.Set("adjustExternalMemory", Napi::Function::New(env, adjustExternalMemory));
  exports.Set("liveHandles", Napi::Function::New(env, liveHandles));
  napi_value function;
  napi_create_function(env, "drop", NAPI_AUTO_LENGTH, drop, nullptr, &function);
  exports.Set("drop", Napi::Value(env, function));
}
