#ifndef MOCHI_CRE2_H
#define MOCHI_CRE2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled regular expression of RE2 (https://github.com/google/re2/wiki/Syntax): found in time linear in the text.
/// May be used by several threads at once.
typedef struct mochi_re2 mochi_re2;

/// NULL when the pattern is none, or would take too much memory; `error` then says why, cut to its size.
mochi_re2 *mochi_re2_new(const char *pattern, size_t length, char *error, size_t error_size);

/// Whether it is found anywhere in the text.
bool mochi_re2_matches(const mochi_re2 *expression, const char *text, size_t length);

void mochi_re2_delete(mochi_re2 *expression);

#ifdef __cplusplus
}
#endif

#endif
