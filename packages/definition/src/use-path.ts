/** Paths by which definition files use each other: relative to the file that names them, written with "/". */

/** The file that `use` in the file `from` means, as a path relative to the same folder as `from`; begins with ".." when it is outside of that folder. */
export function resolveUse(from: string, use: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of use.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..' || parts.length === 0 || parts.at(-1) === '..') parts.push(part);
    else parts.pop();
  }
  return parts.join('/');
}

export function isOutside(path: string): boolean {
  return path === '..' || path.startsWith('../');
}

/** Why a text is no path of a file to use; undefined: it is one. */
export function pathProblem(use: string): string | undefined {
  if (use.includes('${{'))
    return 'A file is used when the definition is read, before anything is known. Write its path, without an expression.';
  if (/^[a-z][\w+.-]+:/i.test(use))
    return 'Files are used from the folder of this one, not from an address. Write a path such as ./deploy.coppice.yaml.';
  if (use.startsWith('/') || /^[a-z]:/i.test(use))
    return 'This path is absolute. Write it relative to this file, such as ./deploy.coppice.yaml.';
  if (use.includes('\\')) return 'Write this path with "/", which works everywhere.';
  return use.trim() === '' || use.endsWith('/') ? 'Name a definition file, such as ./deploy.coppice.yaml.' : undefined;
}

/** The name of a used file as people see it: beside the outermost file, as that was named. */
export function shownPath(outermost: string, path: string): string {
  const folder =
    outermost === '-' ? '' : outermost.slice(0, Math.max(outermost.lastIndexOf('/'), outermost.lastIndexOf('\\')) + 1);
  return `${folder}${path}`;
}

/** The path of the outermost file, relative to its folder. */
export function outermostPath(file: string): string {
  return file.split(/[/\\]/).at(-1) ?? file;
}
