#pragma once
#include <zlib.h>

/* deflateInit2 is a macro, which Swift does not see. 15 + 16: the largest window, in a gzip frame. */
static inline int mochi_gzip_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

/* The bare stream of a zip's entries. */
static inline int mochi_deflate_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
}

/* The same for inflateInit2: a gzip frame, with any window. */
static inline int mochi_gunzip_init(z_stream *stream) {
    return inflateInit2(stream, 15 + 16);
}
