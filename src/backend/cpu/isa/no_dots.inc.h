// Included inside the namespace of a level without a dot product of bfloat16 pairs.
constexpr bool kDots = false;
inline Native native_dot(Native, Native, Native acc) { return acc; }
struct NativeCodes {};
inline NativeCodes native_codes(const std::uint8_t*) { return {}; }
inline void native_weights(const std::uint8_t*, NativeCodes, NativeInts*, NativeInts*) {}
inline void native_store_pairs(float*, Native) {}
inline void native_store_pairs(float*, Native, Native) {}
