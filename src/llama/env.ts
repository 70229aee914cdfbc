/**
 * Variables that pass through: where programs and libraries are, where temporary files go, and which accelerators may
 * be seen. Of the GGML_ variables only the one that names Vulkan's devices is among them, and of LLAMA_ none: they change a
 * numerical path (GGML_VK_DISABLE_F16, GGML_METAL_…) or a flag (LLAMA_ARG_…) without a trace in the step's argv.
 */
const passed: readonly string[] = [
  ["PATH", "HOME", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot"],
  ["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"],
  ["GGML_VK_VISIBLE_DEVICES", "ONEAPI_DEVICE_SELECTOR"],
].flat();

/**
 * The whole environment of a llama.cpp tool.
 *
 * Nothing of it enters a step's key as such: devices and libraries are in the numeric class and in the identity of the
 * tool, and the constants below are part of the step kind's version. What could change a number beside these is dropped.
 * Mind: nothing is inherited, so the caller must not extend it with its own environment.
 *
 * @param emptyConfigDir absolute path of an empty directory, or ~/.config/llama.cpp/config.ini would be read
 */
export const toolEnvironment = (
  base: Readonly<Record<string, string | undefined>>,
  emptyConfigDir: string,
): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const name of passed) {
    const value = base[name];
    if (value !== undefined) kept[name] = value;
  }
  return {
    ...kept,
    LC_ALL: "C",
    XDG_CONFIG_HOME: emptyConfigDir,
    // Threads that wait do not spin: beside another tool the same work took 1.1 s in place of 5.8 s.
    OMP_WAIT_POLICY: "passive",
    // Otherwise an assertion starts gdb and writes its backtrace to stdout.
    GGML_NO_BACKTRACE: "1",
  };
};
