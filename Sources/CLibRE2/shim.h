// re2/re2.h is C++: only CRE2 includes it.
