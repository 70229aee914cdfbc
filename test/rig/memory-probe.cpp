// Prints what llama.cpp allocates, in bytes, for the configurations of one model, without reading a weight.
//
//   memory-probe MODEL RPC    one configuration a line on stdin, one JSON object a line on stdout
//
// A line: n_ctx n_batch n_ubatch n_seq n_outputs flash(-1 auto, 0, 1) unified swa_full ngl(-1 all) type_k type_v
// RPC is host:port of a server that stands for the GPU, or "-".
#include "ggml-backend.h"
#include "ggml-rpc.h"
#include "ggml.h"
#include "llama-ext.h"
#include "llama.h"

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

static ggml_type type_of(const std::string & name) {
    for (int i = 0; i < GGML_TYPE_COUNT; i++) {
        const char * known = ggml_type_name((ggml_type) i);
        if (known && name == known) {
            return (ggml_type) i;
        }
    }
    return GGML_TYPE_COUNT;
}

static void measure(const char * path, const std::string & line) {
    std::istringstream in(line);
    llama_context_params cp = llama_context_default_params();
    llama_model_params   mp = llama_model_default_params();
    int flash = -1, unified = 0, swa_full = 0, ngl = -1;
    std::string type_k, type_v;
    in >> cp.n_ctx >> cp.n_batch >> cp.n_ubatch >> cp.n_seq_max >> cp.n_outputs_max >> flash >> unified >> swa_full >> ngl >> type_k >> type_v;
    if (!in || type_of(type_k) == GGML_TYPE_COUNT || type_of(type_v) == GGML_TYPE_COUNT) {
        printf("{\"error\":\"line\"}\n");
        return;
    }
    cp.kv_unified      = unified;
    cp.swa_full        = swa_full;
    cp.type_k          = type_of(type_k);
    cp.type_v          = type_of(type_v);
    cp.flash_attn_type = flash < 0 ? LLAMA_FLASH_ATTN_TYPE_AUTO : flash ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
    mp.no_alloc        = true;
    mp.load_mode       = LLAMA_LOAD_MODE_NONE;
    mp.use_extra_bufts = false;
    if (ngl >= 0) {
        mp.n_gpu_layers = ngl;
    }
    llama_model * model = llama_model_load_from_file(path, mp);
    if (!model) {
        printf("{\"error\":\"model\"}\n");
        return;
    }
    llama_context * context = llama_init_from_model(model, cp);
    if (!context) {
        printf("{\"error\":\"context\"}\n");
        llama_model_free(model);
        return;
    }
    printf("{\"n_ctx\":%u,\"n_ctx_seq\":%u,\"buffers\":[", llama_n_ctx(context), llama_n_ctx_seq(context));
    const char * comma = "";
    for (const auto & [type, bytes] : llama_get_memory_breakdown(context)) {
        printf("%s{\"name\":\"%s\",\"host\":%s,\"model\":%zu,\"context\":%zu,\"compute\":%zu}", comma, ggml_backend_buft_name(type),
            ggml_backend_buft_is_host(type) ? "true" : "false", bytes.model, bytes.context, bytes.compute);
        comma = ",";
    }
    printf("]}\n");
    llama_free(context);
    llama_model_free(model);
}

int main(int argc, char ** argv) {
    if (argc != 3) {
        return 2;
    }
    const bool verbose = getenv("MEMORY_PROBE_LOG") != nullptr;
    llama_log_set([](ggml_log_level, const char * text, void * on) { if (on) fputs(text, stderr); }, verbose ? &std::cerr : nullptr);
    llama_backend_init();
    if (std::string(argv[2]) != "-") {
        ggml_backend_register(ggml_backend_rpc_add_server(argv[2]));
    }
    for (std::string line; std::getline(std::cin, line);) {
        measure(argv[1], line);
        fflush(stdout);
    }
    llama_backend_free();
}
