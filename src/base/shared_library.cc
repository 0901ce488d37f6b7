#include "base/shared_library.h"

#include <dlfcn.h>

namespace smelt {

SharedLibrary::SharedLibrary(const char* name)
    : library_(dlopen(name, RTLD_NOW | RTLD_LOCAL)), is_whole_(library_ != nullptr) {}

void* SharedLibrary::FindAddress(const char* name) {
  void* address = library_ == nullptr ? nullptr : dlsym(library_, name);
  if (address == nullptr) is_whole_ = false;
  return address;
}

}  // namespace smelt
