/**
 * Typecase for C, and for every language that can call C.
 *
 *     typecase_model* model;
 *     char* json;
 *     if (typecase_model_open("gpt2-folder", NULL, &model) != TYPECASE_OK) {
 *       fprintf(stderr, "%s\n", typecase_last_error());
 *       return 1;
 *     }
 *     if (typecase_text_generation(model, "\"The rain in Spain\"", "{\"max_new_tokens\": 20}",
 * NULL, &json) == TYPECASE_OK) { puts(json);                      // [{"generated_text": "The rain
 * in Spain …"}] typecase_free(json);
 *     }
 *     typecase_model_close(model);
 *
 * Every function that can fail returns a typecase_status, writes its results only when that is
 * TYPECASE_OK, and sets results it could not give to NULL and 0. Nothing is printed and no function
 * ends the process. A NULL where a value is needed is TYPECASE_INVALID_ARGUMENT.
 *
 * Text is UTF-8; other bytes are TYPECASE_INVALID_ARGUMENT. Where a text goes with its number of
 * bytes, TYPECASE_NUL_TERMINATED may be given in place of the number. Text that is returned ends
 * with a NUL that its number of bytes does not count.
 *
 * What a function returns through `char**` or `int32_t**` belongs to the caller: typecase_free().
 * Handles are closed by the function of their name; closing NULL does nothing.
 *
 * Threads: a model and its results are used by one thread at a time, different models by different
 * threads. A tokenizer may be used by many threads at once.
 *
 * Structs start with their size, so that a program goes on working with a later library: initialise
 * them with the macro of their name. A library that is older than the program refuses fields it
 * does not know, unless they are zero.
 */
#ifndef TYPECASE_TYPECASE_H
#define TYPECASE_TYPECASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Raised when a program has to be changed; new functions and fields do not raise it. */
#define TYPECASE_API_VERSION 1

#define TYPECASE_NUL_TERMINATED ((size_t)-1)

/** What kind of thing went wrong. */
typedef int32_t typecase_status;
enum {
  TYPECASE_OK = 0,
  TYPECASE_FAILED = 1,           /**< none of the others */
  TYPECASE_INVALID_ARGUMENT = 2, /**< the caller's input: an argument, an option, a request */
  TYPECASE_NOT_FOUND = 3,        /**< no such model or file */
  TYPECASE_ACCESS_DENIED = 4,
  TYPECASE_NETWORK = 5,     /**< network failure, or offline and not in the cache */
  TYPECASE_BAD_FILE = 6,    /**< a file that does not hold what its format promises */
  TYPECASE_UNSUPPORTED = 7, /**< a model, format or feature that cannot be run */
  TYPECASE_LIMIT = 8,       /**< a budget or size limit, named in the message */
  TYPECASE_IO = 9,          /**< read, write or disk failure */
  TYPECASE_OUT_OF_MEMORY = 10,
  TYPECASE_MISMATCH = 11,   /**< a file's hash is not the promised one */
  TYPECASE_INTERRUPTED = 12 /**< a callback asked to stop */
};

/** The library's version, "0.1.0", and the API version it was built with. */
const char* typecase_version(void);
int32_t typecase_api_version(void);

/** "invalid_argument", …; "unknown" for other numbers. */
const char* typecase_status_name(typecase_status status);

/** The message of this thread's last failure; "" when there was none. Valid until the next. */
const char* typecase_last_error(void);

/** Gives back what a function returned. NULL is allowed. */
void typecase_free(void* memory);

/* --- models ---------------------------------------------------------------------------------- */

typedef struct typecase_model typecase_model;

/** How a model is to be loaded; NULL and 0 are the defaults of from_pretrained(). */
typedef struct typecase_model_options {
  size_t size;
  const char* dtype;               /**< "auto", "float32", "bfloat16", "float16" */
  const char* attn_implementation; /**< "auto", "sdpa", "eager" */
  const char* device;              /**< "auto", "cpu" */
  const char* isa;                 /**< the best; "scalar", "avx2", "avx512", "reference" */
  int32_t threads;                 /**< 0: as many as the process may use */
  /** "on": bfloat16 matrices are kept in twelve bits a weight, without loss (processors with
   * AVX-512 BF16): the same results, sooner for one sequence or four, later for many at once and
   * long prompts. "off"; "auto" and NULL: off. */
  const char* recode;
  /** "int8": rows of numbers are rounded to eight bits, 32 of them with a scale, where they meet
   * weights of Q8_0, Q4_0 and Q4_1 (processors with AVX-512 VNNI): long prompts and many
   * sequences in half the time, and other results. "full" and NULL: as the reference. */
  const char* activations;
  /* What one text at a time is continued with sooner, the same tokens all: "on" or "off"; "auto"
   * and NULL: off. */
  const char* lookup;           /**< drafts where the text repeats itself, while that pays */
  const char* screen_head;      /**< greedy: a copy of the head in eight bits says who can win */
  const char* self_speculation; /**< a copy of the model in eight bits drafts; float32 weights */
} typecase_model_options;
#define TYPECASE_MODEL_OPTIONS_INIT \
  {sizeof(typecase_model_options), NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL}

/**
 * The path of a model, for typecase_model_open(). `name`: a path, or a name on the Hugging Face hub
 * ("gpt2", "org/name@revision", "org/name:file.gguf"), which is fetched into the shared cache
 * unless it is there; NULL: the default model.
 */
typecase_status typecase_model_path(const char* name, char** path);

/**
 * Opens a folder with config.json, or a .gguf file: maps and checks the files. Weights are packed
 * at the first computation. `options` may be NULL.
 */
typecase_status typecase_model_open(const char* path, const typecase_model_options* options,
                                    typecase_model** model);
void typecase_model_close(typecase_model* model);

/** What `typecase show` prints, as JSON: architecture, parameters, dtype, files, defaults. */
typecase_status typecase_model_summary(const typecase_model* model, char** json);

/* --- text and tokens ------------------------------------------------------------------------- */

typedef struct typecase_tokenizer typecase_tokenizer;

/** A tokenizer alone: of a folder, or a tokenizer.json. */
typecase_status typecase_tokenizer_open(const char* path, typecase_tokenizer** tokenizer);

/** The model's own, read at the first call. To be closed too, before the model or after it. */
typecase_status typecase_model_tokenizer(const typecase_model* model,
                                         typecase_tokenizer** tokenizer);
void typecase_tokenizer_close(typecase_tokenizer* tokenizer);

/** One above the highest id. */
typecase_status typecase_tokenizer_end_id(const typecase_tokenizer* tokenizer, int32_t* end_id);

/** The ids of `text`. `add_special_tokens` (0 or 1): those that the model expects around it. */
typecase_status typecase_tokenize(const typecase_tokenizer* tokenizer, const char* text,
                                  size_t bytes, int32_t add_special_tokens, int32_t** ids,
                                  size_t* count);

/** The text of `ids`; ids that the tokenizer does not have are left out. `bytes` may be NULL. */
typecase_status typecase_detokenize(const typecase_tokenizer* tokenizer, const int32_t* ids,
                                    size_t count, int32_t skip_special_tokens, char** text,
                                    size_t* bytes);

/**
 * A conversation as the text that the model reads, by its own chat template. `request_json`:
 *
 *     {"messages": [{"role": "user", "content": "Hello"}], "add_generation_prompt": true}
 *
 * and optionally "tools", "documents" (lists), "variables" (an object), "continue_final_message"
 * (true or false), "chat_template" (a name or a source). Tokenise the text without adding special
 * tokens: the template writes them. `bytes` may be NULL.
 */
typecase_status typecase_render_chat(const typecase_tokenizer* tokenizer, const char* request_json,
                                     char** text, size_t* bytes);

/* --- generation ------------------------------------------------------------------------------ */

/** Seeds the random numbers of this process, as torch.manual_seed() does. */
void typecase_seed(int64_t seed);

/**
 * What is told while a call runs, on the thread of the call. A callback must return normally and
 * must not use the model. Those that return a number go on with 0 and end the call with any other;
 * what was generated until then is returned.
 */
typedef struct typecase_callbacks {
  size_t size;
  void* user; /**< handed to each callback */
  /** The token each row received; not with beams. */
  int32_t (*on_tokens)(void* user, const int32_t* ids, size_t rows);
  /** New text of a call with one row and without beams; always whole characters. */
  int32_t (*on_text)(void* user, const char* text, size_t bytes);
  void (*on_warning)(void* user, const char* message);
  /** The trace: one event as a line of JSON, docs/trace.md. */
  void (*on_event)(void* user, const char* json, size_t bytes);
  size_t candidates; /**< shown in each step of the trace; 0: 10 */
} typecase_callbacks;
#define TYPECASE_CALLBACKS_INIT {sizeof(typecase_callbacks), NULL, NULL, NULL, NULL, NULL, 0}

/**
 * The reference's text-generation pipeline. `inputs_json`: a string, a chat (a list of messages) or
 * a list of either. `kwargs_json`: an object of generation fields and of the pipeline's own
 * ("return_full_text", "stop_sequence", …), or NULL. `callbacks` may be NULL; on_tokens is not
 * used. → JSON: a list of {"generated_text": …}, for a list of inputs a list of such lists.
 */
typecase_status typecase_text_generation(const typecase_model* model, const char* inputs_json,
                                         const char* kwargs_json,
                                         const typecase_callbacks* callbacks, char** json);

/** One call of generate(). */
typedef struct typecase_request {
  size_t size;
  /** [rows][length], rows of one length (padded on the left). NULL: one row of the bos token. */
  const int32_t* input_ids;
  size_t rows;
  size_t length;
  /** [rows][length]: 1 is real, 0 is padding. NULL: inferred as the reference does. */
  const uint8_t* attention_mask;
  /** Generation fields as keyword arguments: {"max_new_tokens": 20, "num_beams": 4}. Or NULL. */
  const char* config_json;
  /** Random numbers of this call alone; NULL: those of the process. */
  const int64_t* seed;
} typecase_request;
#define TYPECASE_REQUEST_INIT {sizeof(typecase_request), NULL, 0, 0, NULL, NULL, NULL}

typedef struct typecase_result typecase_result;

/** Generates. `callbacks` may be NULL. */
typecase_status typecase_generate(const typecase_model* model, const typecase_request* request,
                                  const typecase_callbacks* callbacks, typecase_result** result);
void typecase_result_close(typecase_result* result);

/** Sequences: rows · num_return_sequences. 0 of NULL. */
size_t typecase_result_rows(const typecase_result* result);

/** The ids of one row, prompt and padding included; they live as long as the result. */
typecase_status typecase_result_ids(const typecase_result* result, size_t row, const int32_t** ids,
                                    size_t* count);

/** Of beam search with output_scores and return_dict_in_generate: the score of one row. */
typecase_status typecase_result_score(const typecase_result* result, size_t row, float* score);

/** 1 when a callback ended the call, else 0. */
int32_t typecase_result_stopped(const typecase_result* result);

#ifdef __cplusplus
}
#endif

#endif
