/** A model file becomes a model that can be asked. */
import type { Model } from '../models/model.ts';
import { nameOfFile } from './gguf.ts';

/**
 * The model of a GGUF file on this computer; `undefined` when the path is empty.
 * @param loadedName the name the file gives itself, once an engine has read it.
 */
export function embeddedModel(file: string, loadedName: string | undefined): Model | undefined {
  if (file === '') return undefined;
  return { id: `embedded:${file}`, name: loadedName ?? nameOfFile(file), provider: 'embedded', file };
}
