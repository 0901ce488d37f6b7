#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/id.h"
#include "base/process.h"
#include "transform/deps.h"
#include "transform/internal/deps/hub.h"
#include "transform/internal/deps/package_spec.h"
#include "transform/profile.h"

namespace smelt::transform {
namespace {

namespace fs = std::filesystem;
using Kind = PackageSpec::Kind;

/// A text as YAML writes it: without quotes where it cannot be taken for something else.
std::string PlainYaml(const std::string& text) {
  const bool is_word = !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '/' || c == ':' || c == '@' || c == '+';
  });
  const bool is_number =
      text.find_first_not_of("0123456789.+-eE_:") == std::string::npos && std::ranges::count(text, '.') < 2;
  if (is_word && !is_number && text.front() != '-' && text.front() != '@' && text.back() != ':') return text;
  return JsonText(Json(text));
}

/// What failed of a package, at its place; its address may hold a token, which is for no one to read.
Error WithoutSecrets(const PackageSpec& spec, const Error& error) {
  std::string message = error.message();
  for (std::size_t at = message.find(spec.source); at != std::string::npos && spec.source != spec.written;
       at = message.find(spec.source, at + spec.written.size())) {
    message.replace(at, spec.source.size(), spec.written);
  }
  return Error(error.code(), fmt::format("the package {}: {}", spec.written, message))
      .Hint(error.hint())
      .At(spec.file, spec.line);
}

/// Puts packages side by side into a folder of its own, which takes the place of the old one at the end.
class Installer {
 public:
  Installer(const DepsOptions& options, const std::function<void(std::string_view)>& tell, std::stop_token stop)
      : options_(options),
        tell_(tell),
        stop_(std::move(stop)),
        target_(fs::absolute(fs::path(options.project_dir) / options.packages_path).lexically_normal()),
        making_(target_.parent_path() / (".tmp-packages-" + NewUuid())) {}
  ~Installer() {
    std::error_code ignored;
    fs::remove_all(making_, ignored);
  }

  Result<std::vector<InstalledPackage>> Run() {
    SMELT_ASSIGN(std::vector<PackageSpec> wanted, ReadPackageSpecs(options_.project_dir, options_.vars));
    SMELT_ASSIGN(std::vector<PackageSpec> chosen, Locked(wanted));
    hash_ = HashOf(wanted);
    SMELT_TRY(CreateFolders(making_.string()));
    std::deque<PackageSpec> queue(chosen.begin(), chosen.end());
    while (!queue.empty()) {
      const PackageSpec spec = std::move(queue.front());
      queue.pop_front();
      if (!seen_.insert(spec.source + "#" + spec.subdirectory).second) continue;
      SMELT_ASSIGN(std::string folder, Fetch(spec));
      SMELT_ASSIGN(std::vector<PackageSpec> further, ReadPackageSpecs(folder, options_.vars));
      for (PackageSpec& next : further) {
        SMELT_TRY(FollowLocal(spec, folder, next));
        queue.push_back(std::move(next));
      }
    }
    lock_ += fmt::format("sha1_hash: {}\n", hash_);
    if (!installed_.empty())
      SMELT_TRY(WriteWholeFile((fs::path(options_.project_dir) / "package-lock.yml").string(), lock_));
    if (!options_.lock_only) SMELT_TRY(Replace());
    return std::move(installed_);
  }

 private:
  /// A folder that a package names is one beside that package.
  static Status FollowLocal(const PackageSpec& spec, const std::string& folder, PackageSpec& next) {
    if (next.kind != Kind::kLocal || fs::path(next.source).is_absolute()) return {};
    if (spec.kind != Kind::kLocal) {
      return Fail(Error(ErrorCode::kDbtUnsupported,
                        fmt::format("the package {} asks for the folder {} within itself", spec.written, next.source))
                      .Hint("name that package in packages.yml of the project, with `subdirectory`")
                      .At(spec.file, spec.line));
    }
    next.source = (fs::path(folder) / next.source).lexically_normal().string();
    next.written = next.source;
    return {};
  }

  /// What the lock file says, as long as it was made for what is asked for now.
  Result<std::vector<PackageSpec>> Locked(const std::vector<PackageSpec>& wanted) const {
    if (options_.upgrade) return wanted;
    SMELT_ASSIGN(LockFile lock, ReadLockFile(options_.project_dir));
    return lock.hash == HashOf(wanted) ? lock.packages : wanted;
  }

  /// Puts a package in its place and returns its folder.
  Result<std::string> Fetch(const PackageSpec& spec) {
    tell_(spec.written);
    switch (spec.kind) {
      case Kind::kLocal: return Link(spec);
      case Kind::kGit: return Clone(spec);
      case Kind::kHub: {
        SMELT_ASSIGN(HubVersion version, FindOnHub(spec, stop_));
        return Unpack(spec, version.archive, version.version);
      }
      case Kind::kTarball: return Unpack(spec, spec.source, "");
    }
    SMELT_ASSERT(false);
  }

  Result<std::string> Link(const PackageSpec& spec) {
    std::error_code failure;
    const fs::path folder = fs::weakly_canonical(fs::path(options_.project_dir) / spec.source, failure);
    SMELT_ASSIGN(std::string name, NameOf(folder, spec));
    fs::create_directory_symlink(folder, making_ / name, failure);
    if (failure)
      return Fail(ErrorCode::kStoreIo, fmt::format("cannot link '{}': {}", folder.string(), failure.message()));
    lock_ += fmt::format("  - local: {}\n    name: {}\n", PlainYaml(spec.written), name);
    installed_.push_back({name, spec.written, ""});
    return folder.string();
  }

  Result<std::string> Clone(const PackageSpec& spec) {
    const fs::path work = making_ / (".git-" + NewUuid());
    SMELT_TRY(Git({"clone", "--quiet", spec.source, work.string()}, making_, spec));
    if (!spec.revision.empty()) {
      // A commit need not be on a branch that was cloned.
      const auto known = Git({"checkout", "--quiet", spec.revision}, work, spec);
      if (!known) {
        if (known.error().code() == ErrorCode::kCancelled) return Fail(known.error());
        SMELT_TRY(Git({"fetch", "--quiet", "origin", spec.revision}, work, spec));
        SMELT_TRY(Git({"checkout", "--quiet", "FETCH_HEAD"}, work, spec));
      }
    }
    SMELT_ASSIGN(std::string commit, Git({"rev-parse", "HEAD"}, work, spec));
    while (!commit.empty() && commit.back() == '\n') commit.pop_back();
    SMELT_ASSIGN(std::string folder, Place(work / spec.subdirectory, work, spec));
    const std::string name = fs::path(folder).filename().string();
    lock_ +=
        fmt::format("  - git: {}\n    name: {}\n    revision: {}\n", PlainYaml(spec.written), name, PlainYaml(commit));
    if (!spec.subdirectory.empty()) lock_ += fmt::format("    subdirectory: {}\n", PlainYaml(spec.subdirectory));
    installed_.push_back({name, spec.written, commit});
    return folder;
  }

  Result<std::string> Git(std::vector<std::string> words, const fs::path& folder, const PackageSpec& spec) {
    words.insert(words.begin(), "git");
    auto done = RunProgram(words, folder.string(), stop_);
    if (done || done.error().code() == ErrorCode::kCancelled) return done;
    return Fail(WithoutSecrets(spec, done.error()));
  }

  Result<std::string> Unpack(const PackageSpec& spec, const std::string& archive, const std::string& version) {
    auto bytes = Download(archive, stop_);
    if (!bytes) return Fail(WithoutSecrets(spec, bytes.error()));
    const fs::path work = making_ / (".archive-" + NewUuid());
    SMELT_TRY(WriteWholeFile((work / "package.tar.gz").string(), *bytes));
    SMELT_TRY(CreateFolders((work / "files").string()));
    SMELT_TRY(
        RunProgram({"tar", "-xzf", "package.tar.gz", "-C", "files", "--strip-components=1"}, work.string(), stop_));
    SMELT_ASSIGN(std::string folder, Place(work / "files", work, spec));
    const std::string name = fs::path(folder).filename().string();
    lock_ += version.empty() ? fmt::format("  - tarball: {}\n    name: {}\n", PlainYaml(spec.written), name)
                             : fmt::format("  - name: {}\n    package: {}\n    version: {}\n", name,
                                           PlainYaml(spec.written), PlainYaml(version));
    installed_.push_back({name, spec.written, version});
    return folder;
  }

  /// The name of the project in a folder.
  static Result<std::string> NameOf(const fs::path& folder, const PackageSpec& spec) {
    auto head = ReadProjectHead(folder.string(), Json::object());
    if (head && !head->name.empty()) return head->name;
    return Fail(Error(ErrorCode::kDbtProjectMissing, fmt::format("the package {} is no dbt project: {}", spec.written,
                                                                 head ? "it has no name" : head.error().message()))
                    .At(spec.file, spec.line));
  }

  /// Moves a project to the place of its name; `rest` is what else came with it.
  Result<std::string> Place(const fs::path& project, const fs::path& rest, const PackageSpec& spec) {
    SMELT_ASSIGN(std::string name, NameOf(project, spec));
    const fs::path folder = making_ / name;
    std::error_code failure;
    if (fs::exists(folder, failure)) {
      return Fail(
          Error(ErrorCode::kDbtDuplicate, fmt::format("two packages have the name {}", name)).At(spec.file, spec.line));
    }
    fs::rename(project, folder, failure);
    if (failure)
      return Fail(ErrorCode::kStoreIo, fmt::format("cannot place the package {}: {}", name, failure.message()));
    std::error_code ignored;
    fs::remove_all(rest, ignored);
    fs::remove_all(folder / ".git", ignored);
    return folder.string();
  }

  Status Replace() {
    std::error_code failure;
    fs::remove_all(target_, failure);
    if (!failure) fs::rename(making_, target_, failure);
    if (failure)
      return Fail(ErrorCode::kStoreIo, fmt::format("cannot write '{}': {}", target_.string(), failure.message()));
    return {};
  }

  const DepsOptions& options_;
  const std::function<void(std::string_view)>& tell_;
  std::stop_token stop_;
  const fs::path target_, making_;
  std::set<std::string> seen_;
  std::string hash_;
  std::string lock_ = "packages:\n";
  std::vector<InstalledPackage> installed_;
};

}  // namespace

Result<std::vector<InstalledPackage>> InstallPackages(const DepsOptions& options,
                                                      const std::function<void(std::string_view)>& tell,
                                                      std::stop_token stop) {
  return Installer(options, tell, std::move(stop)).Run();
}

}  // namespace smelt::transform
