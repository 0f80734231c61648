/* A C99 program against the installed library: prints the ids and the text of a greedy answer.
 *
 *     main MODEL-FOLDER
 */
#include <typecase/typecase.h>

#include <stdio.h>

static int failed(const char* what) {
  fprintf(stderr, "%s: %s\n", what, typecase_last_error());
  return 1;
}

static int32_t on_text(void* user, const char* text, size_t bytes) {
  *(size_t*)user += bytes;
  return text[bytes] != '\0';
}

int main(int argc, char** argv) {
  typecase_model* model = NULL;
  typecase_tokenizer* tokenizer = NULL;
  typecase_result* result = NULL;
  typecase_model_options options = TYPECASE_MODEL_OPTIONS_INIT;
  typecase_request request = TYPECASE_REQUEST_INIT;
  typecase_callbacks callbacks = TYPECASE_CALLBACKS_INIT;
  int32_t* prompt = NULL;
  const int32_t* ids = NULL;
  char* text = NULL;
  size_t count = 0, heard = 0, i;

  if (argc != 2) return 2;
  if (typecase_model_open("/no/such/model", NULL, &model) != TYPECASE_NOT_FOUND) return 1;
  options.dtype = "float32";
  if (typecase_model_open(argv[1], &options, &model) != TYPECASE_OK) return failed("open");
  if (typecase_model_tokenizer(model, &tokenizer) != TYPECASE_OK) return failed("tokenizer");
  if (typecase_tokenize(tokenizer, "the cat", TYPECASE_NUL_TERMINATED, 1, &prompt, &count)) {
    return failed("tokenize");
  }
  request.input_ids = prompt;
  request.rows = 1;
  request.length = count;
  request.config_json = "{\"max_new_tokens\": 5, \"do_sample\": false}";
  callbacks.user = &heard;
  callbacks.on_text = on_text;
  if (typecase_generate(model, &request, &callbacks, &result)) return failed("generate");
  if (typecase_result_ids(result, 0, &ids, &count)) return failed("ids");
  for (i = 0; i < count; ++i) printf("%s%d", i > 0 ? ", " : "[", (int)ids[i]);
  printf("]\n");
  if (typecase_detokenize(tokenizer, ids, count, 1, &text, NULL)) return failed("detokenize");
  printf("%s\n", text);

  typecase_free(text);
  typecase_free(prompt);
  typecase_result_close(result);
  typecase_tokenizer_close(tokenizer);
  typecase_model_close(model);
  return heard > 0 ? 0 : 1;
}
