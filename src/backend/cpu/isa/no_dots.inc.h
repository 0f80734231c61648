// Included inside the namespace of a level without a dot product of bfloat16 pairs.
constexpr bool kDots = false;
inline Native native_dot(Native, Native, Native acc) { return acc; }
