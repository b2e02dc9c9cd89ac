/** What an address is called, for people. */

/** Its last part. */
export function nameOf({ path }: { readonly path: string }): string {
  return path.split('/').at(-1) || path;
}
