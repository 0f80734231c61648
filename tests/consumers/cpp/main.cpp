// A C++ program against the installed library: prints what the C one does.
//
//     main MODEL-FOLDER
#include <typecase/error.h>
#include <typecase/model.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    typecase::Model::open("/no/such/model");
    return 1;
  } catch (const typecase::Error& error) {
    if (error.code() != typecase::Code::not_found) return 1;
  }
  const auto model = typecase::Model::open(argv[1], {.dtype = "float32"});
  typecase::GenerateRequest request{.input_ids = {model.tokenizer().encode_ids("the cat")}};
  request.keywords.set("max_new_tokens", 5).set("do_sample", false);
  const auto ids = model.generate(request).sequences.at(0);
  std::cout << typecase::Json::array_of(ids).dump() << "\n"
            << model.tokenizer().decode(ids, {.skip_special_tokens = true}) << "\n";
}
