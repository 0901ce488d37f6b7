#include "serve/data/result_body.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file_descriptor.h"

namespace smelt::serve {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{128} * 1024;

/// A body of which the first piece was made before it is sent.
class BegunBody : public BodyStream {
 public:
  BegunBody(Piece first, std::unique_ptr<BodyStream> rest) : first_(std::move(first)), rest_(std::move(rest)) {}
  Result<Piece> Next() override {
    if (first_) return *std::exchange(first_, std::nullopt);
    return rest_->Next();
  }

 private:
  std::optional<Piece> first_;
  std::unique_ptr<BodyStream> rest_;
};

class OpenFileBody : public BodyStream {
 public:
  explicit OpenFileBody(FileDescriptor file) : file_(std::move(file)) {}
  Result<Piece> Next() override {
    Piece piece{.bytes = std::string(kPieceBytes, '\0')};
    const ssize_t count = ::read(file_.get(), piece.bytes.data(), piece.bytes.size());
    if (count < 0) return Fail(ErrorCode::kStoreIo, fmt::format("cannot read a result: {}", std::strerror(errno)));
    piece.bytes.resize(static_cast<std::size_t>(count));
    if (count == 0) piece.then = Then::kEnd;
    return piece;
  }

 private:
  FileDescriptor file_;
};

}  // namespace

ResultBody::~ResultBody() {
  rows_.reset();  // before its session
}

Result<std::unique_ptr<ResultBody>> ResultBody::Open(std::unique_ptr<StatementPlace> place, std::string_view sql,
                                                     const engine::ParameterValues& parameters, Settings settings) {
  std::unique_ptr<ResultBody> body(new ResultBody(std::move(place), std::move(settings)));
  auto rows = engine::RowStream::Open(body->place_->session(), sql, parameters, body->settings_.shape.Options());
  if (!rows) return Fail(body->place_->Explain(std::move(rows.error())));
  body->rows_ = std::move(*rows);
  body->columns_ = body->rows_->columns();
  return body;
}

Result<BodyStream::Piece> ResultBody::Next() {
  auto piece = Make();
  if (!piece) return Fail(place_->Explain(std::move(piece.error())));
  if (piece->then == Then::kEnd) {
    rows_.reset();
    place_.reset();
  }
  return piece;
}

Result<BodyStream::Piece> ResultBody::Make() {
  Piece piece;
  if (!std::exchange(begun_, true)) {
    if (settings_.shape.format == DataFormat::kJson) {
      piece.bytes = fmt::format("{{\"columns\":{},\n\"rows\":[", JsonText(ColumnsJson(columns_)));
    }
    piece.bytes += rows_->Prologue();
  }
  const std::int64_t left = settings_.rows_max - rows_->rows();
  SMELT_ASSIGN(const std::string rows, rows_->Next(left, kPieceBytes));
  piece.bytes += rows;
  if (rows.empty() || rows_->rows() >= settings_.rows_max) {
    SMELT_TRY(End(piece.bytes));
    piece.then = Then::kEnd;
  }
  bytes_ += piece.bytes.size();
  if (bytes_ > settings_.bytes_max) {
    return Fail(Error(ErrorCode::kServeLimit, fmt::format("the answer is larger than {} bytes", settings_.bytes_max))
                    .Hint("ask for fewer rows or columns"));
  }
  return piece;
}

Status ResultBody::End(std::string& bytes) {
  SMELT_ASSIGN(const bool truncated, rows_->HasMore());
  if (truncated && settings_.refuse_at && rows_->rows() >= *settings_.refuse_at) {
    return Fail(Error(ErrorCode::kServeLimit, fmt::format("the answer has more than {} rows", *settings_.refuse_at))
                    .Hint("give a limit, or ask for less"));
  }
  bytes += rows_->Epilogue();
  if (settings_.shape.format != DataFormat::kJson) return {};
  bytes += fmt::format("],\n\"row_count\":{},\"truncated\":{}{}}}\n", rows_->rows(), truncated,
                       settings_.tail ? settings_.tail(rows_->rows(), truncated) : "");
  return {};
}

HttpResponse Respond(std::unique_ptr<BodyStream> body, std::string_view content_type) {
  auto first = body->Next();
  if (!first) return ProblemOf(first.error());
  HttpResponse response{.content_type = std::string(content_type)};
  if (first->then == BodyStream::Then::kEnd) {
    response.body = std::move(first->bytes);
  } else {
    response.stream = std::make_shared<BegunBody>(std::move(*first), std::move(body));
  }
  return response;
}

Result<std::unique_ptr<BodyStream>> FileBody(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return Fail(errno == ENOENT ? ErrorCode::kStoreNotFound : ErrorCode::kStoreIo,
                fmt::format("cannot open a result: {}", std::strerror(errno)));
  }
  return std::make_unique<OpenFileBody>(std::move(file));
}

Result<std::unique_ptr<BodyStream>> TakeFileBody(const std::string& path) {
  auto body = FileBody(path);
  ::unlink(path.c_str());
  return body;
}

}  // namespace smelt::serve
