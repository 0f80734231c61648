#include "commands.h"

namespace typecase::cli {
namespace {

constexpr Command kCommands[] = {
    {"run", "[PROMPT] [options]", "continue a text, printing it as it comes",
     "  typecase run \"The rain in Spain falls mainly in the plain\"\n"
     "  typecase run \"Once upon a time\" --max-new-tokens 40 --seed 0\n"
     "  cat letter.txt | typecase run --no-prompt --num-beams 4 --no-do-sample\n",
     declare_run},
    {"chat", "[options]", "a conversation in the terminal, or one answer",
     "  typecase chat\n"
     "  typecase chat --system \"You are a pirate.\" --user \"Write a poem.\"\n"
     "  typecase chat --messages conversation.json --json\n",
     declare_chat},
    {"generate", "[TEXT] [options]", "token ids and scores as JSON, as generate() returns them",
     "  typecase generate \"Once upon a time\" --max-new-tokens 8\n"
     "  typecase generate --input-ids '[[464, 6290]]' --num-beams 4\n"
     "  typecase generate --requests in.jsonl --output out.jsonl\n",
     declare_generate},
    {"explain", "[PROMPT] [options]", "why each token was chosen, drawn step by step",
     "  typecase explain \"The capital of France is\" --do-sample --top-k 5 --top-p 0.9\n"
     "  typecase explain \"The capital of France is\" --num-beams 3\n"
     "  typecase explain --toy examples/toy/greedy-versus-beam.json --num-beams 2\n",
     declare_explain},
    {"compare", "[PROMPT] [options]", "several strategies side by side on one prompt",
     "  typecase compare \"Once upon a time\" --seed 0\n"
     "  typecase compare \"Once upon a time\" --strategies greedy,beam,top-p\n",
     declare_compare},
    {"score", "[FILE] [options]", "log-likelihood and perplexity of a text",
     "  typecase score letter.txt\n"
     "  typecase score letter.txt --tokens --max-length 512 --stride 256\n",
     declare_score},
    {"logits", "[TEXT] [options]", "what the model expects next, with probabilities",
     "  typecase logits \"The capital of France is\" --top 5\n"
     "  typecase logits --requests in.jsonl --output out.jsonl\n",
     declare_logits},
    {"embed", "[TEXT] [options]", "a text as one vector, of a model that reads it whole",
     "  typecase embed \"A man is eating food.\" --model ./all-MiniLM-L6-v2\n"
     "  typecase embed --requests in.jsonl --output out.jsonl\n",
     declare_embed},
    {"fill", "[TEXT] [options]", "the words that may stand behind a mask, with probabilities",
     "  typecase fill \"Paris is the [MASK] of France.\" --model ./bert-base-uncased\n"
     "  typecase fill --requests in.jsonl --output out.jsonl\n",
     declare_fill},
    {"tokenize", "[TEXT] [options]", "text to tokens, and back",
     "  typecase tokenize \"Hello world\"\n"
     "  typecase tokenize --ids '[19556, 905]'\n",
     declare_tokenize},
    {"render", "[options]", "a conversation as the text the model reads",
     "  typecase render --system \"You are a pirate.\" --user \"Write a poem.\"\n"
     "  typecase render --template chat.jinja --requests in.jsonl --output out.jsonl\n",
     declare_render},
    {"show", "[MODEL] [options]", "what a model is and needs; without one, the families there are",
     "  typecase show\n"
     "  typecase show ./gpt2\n"
     "  typecase show model.gguf --json\n",
     declare_show},
    {"pull", "MODEL [options]", "fetch a model from the Hugging Face hub into the shared cache",
     "  typecase pull gpt2\n"
     "  typecase pull unsloth/Llama-3.2-1B-Instruct@main\n"
     "  typecase pull ORG/NAME:FILE.gguf\n",
     declare_pull},
    {"ls", "[options]", "the models in the cache", "  typecase ls\n  typecase ls --json\n",
     declare_ls},
    {"rm", "MODEL [options]", "remove a model from the cache",
     "  typecase rm gpt2\n"
     "  typecase rm ORG/NAME@REVISION\n",
     declare_rm},
    {"bench", "[options]", "speed, beside what this machine's memory and arithmetic allow",
     "  typecase bench\n"
     "  typecase bench --model ./gpt2 --dtype bfloat16 --json\n",
     declare_bench},
    {"completions", "bash|zsh|fish|man", "what a shell needs for Tab; the manual page",
     "  source <(typecase completions bash)\n"
     "  typecase completions fish > ~/.config/fish/completions/typecase.fish\n"
     "  typecase completions man | man -l -\n",
     declare_completions},
    {"env", "[options]", "version, build, instruction sets, folders", "  typecase env\n",
     declare_env},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace typecase::cli
