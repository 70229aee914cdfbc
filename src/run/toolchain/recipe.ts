import { fingerprint, type JsonObject } from "../../base/canonical.ts";
import type { Digest } from "../../base/ids.ts";
import type { Backend } from "./backend.ts";

/** The npm package that carries the llama.cpp sources as a git bundle. */
export interface SourcePin {
  readonly package: string;
  readonly version: string;
  /** Of the package's tarball, as npm writes it. */
  readonly integrity: string;
  /** llama.cpp release in the bundle */
  readonly tag: string;
}

/** The one source that managed builds are made from. */
export const pinnedSource: SourcePin = {
  package: "node-llama-cpp",
  version: "3.22.1",
  integrity: "sha512-bltIipuWmc123H7tMIgDGKSsSrhmhlQYeVUC48XTjVW7XGJJiJJyCdlTMzQ/LiWoPkGDpcL4FviDpgw7qfTiDw==",
  tag: "v0.5.0",
};

/** Everything that decides the bytes of a managed build. */
export interface Recipe {
  readonly source: SourcePin;
  /** `NAME=VALUE`, as given to cmake with `-D`; `<work>` stands for the directory it is built in. */
  readonly options: readonly string[];
  /** Identification and version of the compilers. */
  readonly compiler: string;
  readonly backend: Backend;
  readonly isa: string;
}

/** Options that every managed build has. What is set here never depends on the machine's defaults. */
export const commonOptions: readonly string[] = [
  "CMAKE_BUILD_TYPE=Release",
  "BUILD_SHARED_LIBS=OFF",
  "GGML_CCACHE=OFF",
  "GGML_OPENMP=ON",
  // Another library's arithmetic, and one that changes with the system.
  "GGML_BLAS=OFF",
  "GGML_ACCELERATE=OFF",
  "LLAMA_OPENSSL=OFF",
  "LLAMA_BUILD_SERVER=OFF",
  "LLAMA_BUILD_TESTS=OFF",
  "LLAMA_BUILD_EXAMPLES=OFF",
  "LLAMA_BUILD_APP=OFF",
  "LLAMA_BUILD_UI=OFF",
  // Asserts print file names: without this the bytes would depend on the directory.
  'CMAKE_C_FLAGS=-ffile-prefix-map="<work>"=.',
  'CMAKE_CXX_FLAGS=-ffile-prefix-map="<work>"=.',
];

/** The recipe as data for a digest. */
export const recipeJson = (recipe: Recipe): JsonObject => ({
  source: { ...recipe.source },
  options: recipe.options,
  compiler: recipe.compiler,
  backend: recipe.backend,
  isa: recipe.isa,
});

/** Names a recipe. */
export const recipeDigest = (recipe: Recipe): Digest => fingerprint(recipeJson(recipe));

/** Directory name of the finished build. */
export const buildName = (recipe: Recipe): string =>
  [recipe.source.tag, recipe.backend, recipe.isa.replace(":", "-"), recipeDigest(recipe).slice(0, 12)].join("-");
