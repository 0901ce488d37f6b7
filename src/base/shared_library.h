#pragma once

namespace smelt {

/// A library of the system that is loaded when it is first needed, not when the program starts: what few commands need
/// costs the others nothing. It stays loaded to the end, since threads may be within it until then.
class SharedLibrary {
 public:
  /// `name` as the linker knows it, "libcurl.so.4".
  explicit SharedLibrary(const char* name);

  /// Looks for a function.
  template <typename F>
  SharedLibrary& Find(const char* name, F& function) {
    function = reinterpret_cast<F>(FindAddress(name));
    return *this;
  }

  /// Whether this machine has the library, and that all functions that were looked for.
  bool is_whole() const { return is_whole_; }

 private:
  void* FindAddress(const char* name);

  void* library_;
  bool is_whole_;
};

}  // namespace smelt
