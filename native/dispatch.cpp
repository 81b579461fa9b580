// One generic binding: any op of libtorch's dispatcher by name, arguments converted by the op's own schema.
#include "handles.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

namespace {

enum class Kind : uint8_t { Tensor, TensorList, OptionalTensorList, Int, Float, Scalar, Bool, String, Device, IntList, FloatList, BoolList, Other };

struct Argument {
  Kind kind;
  bool optional;
  bool required;
  c10::IValue fallback;
};

struct Op {
  c10::OperatorHandle handle;
  std::string name;
  std::vector<Argument> arguments;
};

std::vector<Op>& ops() {
  static std::vector<Op> all;
  return all;
}

Kind kindOf(const c10::TypePtr& type) {
  using K = c10::TypeKind;
  switch (type->kind()) {
    case K::TensorType: return Kind::Tensor;
    case K::IntType:
    case K::SymIntType: return Kind::Int;
    case K::FloatType: return Kind::Float;
    case K::NumberType: return Kind::Scalar;
    case K::BoolType: return Kind::Bool;
    case K::StringType: return Kind::String;
    case K::DeviceObjType: return Kind::Device;
    case K::ListType: {
      const auto element = type->expectRef<c10::ListType>().getElementType();
      if (element->kind() == K::OptionalType) return Kind::OptionalTensorList;
      switch (kindOf(element)) {
        case Kind::Tensor: return Kind::TensorList;
        case Kind::Int: return Kind::IntList;
        case Kind::Float: return Kind::FloatList;
        case Kind::Bool: return Kind::BoolList;
        default: return Kind::Other;
      }
    }
    default: return Kind::Other;
  }
}

Argument describeArgument(const c10::Argument& argument) {
  auto type = argument.type();
  const bool optional = type->kind() == c10::TypeKind::OptionalType;
  if (optional) type = type->expectRef<c10::OptionalType>().getElementType();
  const auto fallback = argument.default_value();
  return {kindOf(type), optional, !optional && !fallback, fallback ? *fallback : c10::IValue()};
}

/// findOp(name, overload): the op's index for `call`.
Napi::Value findOp(const Napi::CallbackInfo& info) {
  const std::string name = info[0].As<Napi::String>();
  const std::string overload = info[1].As<Napi::String>();
  const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!handle) {
    Napi::Error::New(info.Env(), name + (overload.empty() ? "" : "." + overload) + ": this libtorch has no such op").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  Op op{*handle, overload.empty() ? name : name + "." + overload, {}};
  for (const auto& argument : handle->schema().arguments()) op.arguments.push_back(describeArgument(argument));
  ops().push_back(std::move(op));
  return Napi::Number::New(info.Env(), ops().size() - 1);
}

int64_t toInt(napi_env env, napi_value value) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  int64_t out = 0;
  if (type == napi_bigint) {
    bool lossless;
    napi_get_value_bigint_int64(env, value, &out, &lossless);
    return out;
  }
  if (type == napi_boolean) {
    bool flag;
    napi_get_value_bool(env, value, &flag);
    return flag;
  }
  TORCH_CHECK(napi_get_value_int64(env, value, &out) == napi_ok, "expected an integer");
  return out;
}

double toDouble(napi_env env, napi_value value) {
  double out = 0;
  TORCH_CHECK(napi_get_value_double(env, value, &out) == napi_ok, "expected a number");
  return out;
}

bool toBool(napi_env env, napi_value value) {
  bool out = false;
  TORCH_CHECK(napi_get_value_bool(env, value, &out) == napi_ok, "expected true or false");
  return out;
}

/// A whole number stays an integer, so that an integer tensor keeps its type.
c10::IValue toScalar(napi_env env, napi_value value) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  if (type == napi_boolean) return toBool(env, value);
  if (type == napi_bigint) return toInt(env, value);
  const double number = toDouble(env, value);
  const auto whole = static_cast<int64_t>(number);
  if (std::abs(number) < 9e15 && static_cast<double>(whole) == number) return whole;
  return number;
}

const at::Tensor& toTensor(napi_env env, napi_value value) {
  int32_t id = -1;
  TORCH_CHECK(napi_get_value_int32(env, value, &id) == napi_ok, "expected a tensor");
  return handles().get(id);
}

template <typename Fn>
void forEach(napi_env env, napi_value array, Fn fn) {
  uint32_t length = 0;
  TORCH_CHECK(napi_get_array_length(env, array, &length) == napi_ok, "expected an array");
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    napi_get_element(env, array, i, &element);
    fn(element);
  }
}

std::string toText(napi_env env, napi_value value) {
  TORCH_CHECK(Napi::Value(env, value).IsString(), "expected a string");
  return Napi::String(env, value).Utf8Value();
}

c10::IValue convert(napi_env env, napi_value value, Kind kind) {
  switch (kind) {
    case Kind::Tensor: return toTensor(env, value);
    case Kind::Int: return toInt(env, value);
    case Kind::Float: return toDouble(env, value);
    case Kind::Scalar: return toScalar(env, value);
    case Kind::Bool: return toBool(env, value);
    case Kind::String: return toText(env, value);
    case Kind::Device: return c10::Device(toText(env, value));
    case Kind::IntList: {
      std::vector<int64_t> list;
      forEach(env, value, [&](napi_value v) { list.push_back(toInt(env, v)); });
      return list;
    }
    case Kind::FloatList: {
      std::vector<double> list;
      forEach(env, value, [&](napi_value v) { list.push_back(toDouble(env, v)); });
      return list;
    }
    case Kind::BoolList: {
      c10::List<bool> list;
      forEach(env, value, [&](napi_value v) { list.push_back(toBool(env, v)); });
      return list;
    }
    case Kind::TensorList: {
      c10::List<at::Tensor> list;
      forEach(env, value, [&](napi_value v) { list.push_back(toTensor(env, v)); });
      return list;
    }
    case Kind::OptionalTensorList: {
      c10::List<std::optional<at::Tensor>> list;
      forEach(env, value, [&](napi_value v) {
        napi_valuetype type;
        napi_typeof(env, v, &type);
        if (type == napi_null || type == napi_undefined) list.push_back(std::nullopt);
        else list.push_back(toTensor(env, v));
      });
      return list;
    }
    default: TORCH_CHECK(false, "an argument type that has no JavaScript form");
  }
}

Napi::Value toJavaScript(Napi::Env env, const c10::IValue& value) {
  if (value.isTensor()) return Napi::Number::New(env, value.toTensor().defined() ? handles().put(value.toTensor()) : -1);
  if (value.isInt()) return Napi::Number::New(env, static_cast<double>(value.toInt()));
  if (value.isDouble()) return Napi::Number::New(env, value.toDouble());
  if (value.isBool()) return Napi::Boolean::New(env, value.toBool());
  if (value.isTensorList()) {
    const auto list = value.toTensorVector();
    auto out = Napi::Array::New(env, list.size());
    for (size_t i = 0; i < list.size(); i++) out.Set(static_cast<uint32_t>(i), Napi::Number::New(env, handles().put(list[i])));
    return out;
  }
  return env.Undefined();
}

std::string describeCall(const Op& op, const torch::jit::Stack& stack) {
  std::string out = op.name + "(";
  for (size_t i = 0; i < stack.size(); i++) {
    if (i) out += ", ";
    const auto& value = stack[i];
    if (value.isTensor()) out += describe(value.toTensor());
    else if (value.isTensorList()) {
      out += "[";
      for (const auto& tensor : value.toTensorVector()) out += describe(tensor) + " ";
      out += "]";
    } else if (value.isNone()) out += "–";
    else if (value.isInt()) out += std::to_string(value.toInt());
    else if (value.isDouble()) out += std::to_string(value.toDouble());
    else if (value.isBool()) out += value.toBool() ? "true" : "false";
    else if (value.isIntList()) {
      out += "[";
      for (const auto number : value.toIntVector()) out += std::to_string(number) + " ";
      out += "]";
    } else out += value.tagKind();
  }
  return out + ")";
}

constexpr size_t maximumArguments = 24;

/// call(op, …arguments): tensors travel as handle numbers; one tensor result comes back as a number, several as an array.
napi_value call(napi_env env, napi_callback_info info) {
  size_t count = maximumArguments + 1;
  napi_value given[maximumArguments + 1];
  napi_get_cb_info(env, info, &count, given, nullptr, nullptr);
  int32_t index = -1;
  napi_get_value_int32(env, given[0], &index);
  const auto& op = ops()[index];
  torch::jit::Stack stack;
  // the arguments are kept for the error message only where the op failed, so the stack is described before it is consumed
  try {
    stack.reserve(op.arguments.size());
    for (size_t i = 0; i < op.arguments.size(); i++) {
      const auto& argument = op.arguments[i];
      napi_valuetype type = napi_undefined;
      if (i + 1 < count) napi_typeof(env, given[i + 1], &type);
      if (type == napi_undefined || type == napi_null) {
        TORCH_CHECK(!argument.required || argument.kind == Kind::Other, "argument ", i + 1, " is missing");
        stack.push_back(argument.fallback);
      } else {
        stack.push_back(convert(env, given[i + 1], argument.kind));
      }
    }
  } catch (...) {
    throwToJavaScript(env, describeCall(op, stack));
    return nullptr;
  }
  try {
    op.handle.callBoxed(&stack);
  } catch (...) {
    throwToJavaScript(env, describeCall(op, stack));
    return nullptr;
  }
  if (stack.size() == 1) {
    if (stack[0].isTensor()) {
      napi_value out;
      napi_create_int32(env, stack[0].toTensor().defined() ? handles().put(std::move(stack[0]).toTensor()) : -1, &out);
      return out;
    }
    return toJavaScript(env, stack[0]);
  }
  if (stack.empty()) return nullptr;
  auto out = Napi::Array::New(env, stack.size());
  for (size_t i = 0; i < stack.size(); i++) out.Set(static_cast<uint32_t>(i), toJavaScript(env, stack[i]));
  return out;
}

}  // namespace

void registerDispatch(Napi::Env env, Napi::Object exports) {
  exports.Set("findOp", Napi::Function::New(env, findOp));
  napi_value function;
  napi_create_function(env, "call", NAPI_AUTO_LENGTH, call, nullptr, &function);
  exports.Set("call", Napi::Value(env, function));
}
