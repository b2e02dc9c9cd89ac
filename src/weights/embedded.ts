/** A model file becomes a model that can be asked. */
import type { EmbeddedModel } from '../models/model.ts';
import { nameOfFile } from './gguf.ts';

/**
 * The model of a GGUF file on this computer; `undefined` when the path is empty. It is called by its file's name, which
 * the user chose and knows; what files call themselves inside is often the name of a training run. A file whose name
 * is only a checksum (as Ollama keeps them) is called what it calls itself.
 * @param loadedName the name the file gives itself, once an engine has read it.
 */
export function embeddedModel(file: string, loadedName: string | undefined): EmbeddedModel | undefined {
  if (file === '') return undefined;
  const fileName = nameOfFile(file);
  const name = isChecksum(fileName) ? (loadedName ?? fileName.slice(0, 15)) : fileName;
  return { id: `embedded:${file}`, name, provider: 'embedded', file };
}

function isChecksum(name: string): boolean {
  return /^(sha256[-:])?[0-9a-f]{32,}$/i.test(name);
}
