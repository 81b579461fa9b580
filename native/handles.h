// The tensors that JavaScript holds, by small integer. JavaScript's Tensor objects own these integers one to one.
#pragma once
#include <ATen/ATen.h>
#include <napi.h>
#include <string>
#include <vector>

class Handles {
 public:
  int32_t put(at::Tensor tensor) {
    live_++;
    if (free_.empty()) {
      slots_.push_back(std::move(tensor));
      return static_cast<int32_t>(slots_.size()) - 1;
    }
    const int32_t id = free_.back();
    free_.pop_back();
    slots_[id] = std::move(tensor);
    return id;
  }

  const at::Tensor& get(int32_t id) const {
    TORCH_CHECK(id >= 0 && id < static_cast<int32_t>(slots_.size()) && slots_[id].defined(),
                "this tensor was freed: its scope ended or it was disposed");
    return slots_[id];
  }

  void drop(int32_t id) {
    if (id < 0 || id >= static_cast<int32_t>(slots_.size()) || !slots_[id].defined()) return;
    slots_[id].reset();
    free_.push_back(id);
    live_--;
  }

  int64_t live() const { return live_; }

 private:
  std::vector<at::Tensor> slots_;
  std::vector<int32_t> free_;
  int64_t live_ = 0;
};

Handles& handles();

/// "float32 [3 4]", for error messages.
std::string describe(const at::Tensor& tensor);

/// Turns the current C++ exception into a JavaScript error that starts with `where`.
void throwToJavaScript(napi_env env, const std::string& where);

void registerTensor(Napi::Env env, Napi::Object exports);
void registerDispatch(Napi::Env env, Napi::Object exports);
void registerRuntime(Napi::Env env, Napi::Object exports);
