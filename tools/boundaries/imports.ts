/**
 * Every way in which a TypeScript file can name another module, read from its syntax tree.
 * Leaves out: a specifier that is computed at run time.
 */
import { parseSync, Visitor } from 'oxc-parser';

export interface ModuleImport {
  specifier: string;
  /** Line of the specifier, from 1. */
  line: number;
  /** `type` is erased, `dynamic` is loaded only when that line runs. */
  kind: 'static' | 'dynamic' | 'type';
}

interface Literal {
  type: string;
  start: number;
  value?: unknown;
}

/** Throws when the file can not be parsed: a file that was not read must not count as clean. */
export function listImports(file: string, source: string): ModuleImport[] {
  const { program, errors } = parseSync(file, source);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  const found: ModuleImport[] = [];
  const add = (node: Literal | null, kind: ModuleImport['kind']): void => {
    if (typeof node?.value !== 'string') return;
    found.push({ specifier: node.value, line: source.slice(0, node.start).split('\n').length, kind });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, isTypeOnly(node.importKind, node.specifiers) ? 'type' : 'static'),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type' ? 'type' : 'static'),
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === 'type' ? 'type' : 'static'),
    ImportExpression: (node) => add(node.source, 'dynamic'),
    TSImportType: (node) => add(node.source, 'type'),
    TSExternalModuleReference: (node) => add(node.expression, 'static'),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') add(node.arguments[0] ?? null, 'static');
    },
  }).visit(program);
  return found.toSorted((a, b) => a.line - b.line);
}

/** With `verbatimModuleSyntax` only `import type` disappears; `import { type A }` still loads the module. */
function isTypeOnly(importKind: string | undefined, specifiers: readonly unknown[]): boolean {
  return importKind === 'type' && specifiers.length > 0;
}
