#include "CRE2.h"

#include <cstring>
#include <new>
#include <re2/re2.h>

struct mochi_re2 {
    re2::RE2 expression;
    mochi_re2(const re2::StringPiece &pattern, const re2::RE2::Options &options) : expression(pattern, options) {}
};

extern "C" mochi_re2 *mochi_re2_new(const char *pattern, size_t length, char *error, size_t error_size) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto *made = new (std::nothrow) mochi_re2(re2::StringPiece(pattern, length), options);
    if (made == nullptr || made->expression.ok()) return made;
    if (error_size > 0) {
        std::strncpy(error, made->expression.error().c_str(), error_size - 1);
        error[error_size - 1] = 0;
    }
    delete made;
    return nullptr;
}

extern "C" bool mochi_re2_matches(const mochi_re2 *expression, const char *text, size_t length) {
    return re2::RE2::PartialMatch(re2::StringPiece(text, length), expression->expression);
}

extern "C" void mochi_re2_delete(mochi_re2 *expression) { delete expression; }
