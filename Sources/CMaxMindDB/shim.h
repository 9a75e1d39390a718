#pragma once
#include <maxminddb.h>

/* The text at a path of keys; NULL, and a length of 0, for none. MMDB_get_value is variadic, which Swift does not
   see, and the members of MMDB_entry_data_s lie in an anonymous union. */
static inline const char *mochi_mmdb_text(MMDB_entry_s *entry, const char *const *path, uint32_t *length) {
    MMDB_entry_data_s data;
    *length = 0;
    if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data
        || data.type != MMDB_DATA_TYPE_UTF8_STRING) {
        return NULL;
    }
    *length = data.data_size;
    return data.utf8_string;
}
