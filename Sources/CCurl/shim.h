#pragma once
#include <curl/curl.h>

// Swift cannot call curl_easy_setopt and curl_easy_getinfo, which are variadic. One wrapper for each type of
// argument; the name is in parentheses to go round the macros that check types for C's sake.

static inline CURLcode curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static inline CURLcode curl_set_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode curl_set_url(CURL *handle, CURLU *value) {
    return (curl_easy_setopt)(handle, CURLOPT_CURLU, value);
}
static inline CURLcode curl_set_write(CURL *handle, curl_write_callback callback) {
    return (curl_easy_setopt)(handle, CURLOPT_WRITEFUNCTION, callback);
}
static inline CURLcode curl_set_header(CURL *handle, curl_write_callback callback) {
    return (curl_easy_setopt)(handle, CURLOPT_HEADERFUNCTION, callback);
}
static inline CURLcode curl_set_read(CURL *handle, curl_read_callback callback) {
    return (curl_easy_setopt)(handle, CURLOPT_READFUNCTION, callback);
}
static inline CURLcode curl_set_progress(CURL *handle, curl_xferinfo_callback callback) {
    return (curl_easy_setopt)(handle, CURLOPT_XFERINFOFUNCTION, callback);
}
static inline CURLcode curl_set_open_socket(CURL *handle, curl_opensocket_callback callback) {
    return (curl_easy_setopt)(handle, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline CURLcode curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLcode curl_get_text(CURL *handle, CURLINFO info, char **value) {
    return (curl_easy_getinfo)(handle, info, value);
}
