/** Faults of the path that was typed, rather than of the machine, in plain words. */

const words: Readonly<Record<string, (path: string) => string>> = {
  EACCES: (path) => `${path} cannot be read by this user`,
  EISDIR: (path) => `${path} is a folder`,
  ELOOP: (path) => `${path} is a link that leads nowhere`,
  ENAMETOOLONG: () => "that path is too long to be one",
  ENOENT: (path) => `there is no file ${path}`,
  ENOTDIR: (path) => `there is no file ${path}`,
  EPERM: (path) => `${path} cannot be read by this user`,
};

/** What to say of it; null where it is another fault. */
export function pathFault(error: unknown, path: string): string | null {
  const { code = "" } = (error ?? {}) as NodeJS.ErrnoException;
  const said = Object.hasOwn(words, code) ? words[code] : undefined;
  return said?.(path) ?? null;
}
