/** The library is started here, on a GPU where there is one that answers, else on the CPU. */
import { getLlama, getLlamaGpuTypes, LlamaLogLevel, type Llama } from 'node-llama-cpp';
import type { DevicePreference } from '../messages.ts';

/** The library, and what it runs on. */
export interface StartedLibrary {
  readonly llama: Llama;
  readonly name: string;
  readonly isGpu: boolean;
  /** Why it is the CPU, a sentence; `undefined` on a GPU. */
  readonly cpuReason: string | undefined;
}

/** What starting needs. */
export interface LibraryNeeds {
  readonly device: DevicePreference;
  /** Why the CPU was asked for, where it was because of an earlier failure. */
  readonly cpuReason: string | undefined;
  readonly cores: number;
  /** Hears the library's error lines. */
  readonly onErrorLine: (line: string) => void;
  /** Called right before a GPU is started, which may hold this process for good. */
  readonly onGpuStart: (api: string) => void;
}

/**
 * The GPU could not be started. The process must not go on with the CPU (a failed Vulkan start has crashed it later):
 * it ends, and a new one is told to use the CPU.
 */
export class GpuFailed extends Error {
  override readonly name = 'GpuFailed';
  /** There is a GPU, and it did not work; false: there is none. */
  readonly wasFound: boolean;

  constructor(reason: string, options: { readonly wasFound: boolean; readonly cause?: unknown }) {
    super(reason, { cause: options.cause });
    this.wasFound = options.wasFound;
  }
}

/** Throws `GpuFailed`, and what the library throws when it has no binary for this system. */
export async function startLibrary(needs: LibraryNeeds): Promise<StartedLibrary> {
  const api = needs.device === 'cpu' ? undefined : await gpuApi();
  if (api === undefined && needs.device === 'gpu') throw noGpu();
  if (api === undefined) {
    const llama = await start(needs, false);
    const cpuReason = needs.cpuReason ?? (needs.device === 'cpu' ? 'The settings ask for the CPU.' : noGpu().message);
    return { llama, name: 'CPU', isGpu: false, cpuReason };
  }
  needs.onGpuStart(api === 'metal' ? 'Metal' : 'Vulkan');
  const { llama, name } = await startGpu(needs, api);
  return { llama, name, isGpu: true, cpuReason: undefined };
}

type GpuApi = 'metal' | 'vulkan';

/** The API whose driver files are on this machine; CUDA's binaries are not part of this build. */
async function gpuApi(): Promise<GpuApi | undefined> {
  const types = await getLlamaGpuTypes('supported');
  return types.find((type): type is GpuApi => type === 'metal' || type === 'vulkan');
}

async function startGpu(needs: LibraryNeeds, api: GpuApi): Promise<{ llama: Llama; name: string }> {
  try {
    const llama = await start(needs, api);
    const [name] = await llama.getGpuDeviceNames();
    if (name === undefined) throw noGpu();
    return { llama, name };
  } catch (error) {
    if (error instanceof GpuFailed) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new GpuFailed(`The GPU could not be started (${reason}).`, { wasFound: true, cause: error });
  }
}

function noGpu(): GpuFailed {
  return new GpuFailed('No GPU was found.', { wasFound: false });
}

function start({ cores, onErrorLine }: LibraryNeeds, gpu: GpuApi | false): Promise<Llama> {
  return getLlama({
    gpu,
    // Nothing is ever downloaded or compiled on a user's machine.
    build: 'never',
    skipDownload: true,
    usePrebuiltBinaries: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
    logger: (_level, message) => onErrorLine(message.trim()),
    maxThreads: cores, // its default of four stalls on fewer cores: 4 s instead of 12 ms a token on two
  });
}
