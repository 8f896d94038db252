import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An exported name, or a member of one. */
export interface Declared {
  /** `BankClient`, or `BankClient.deposit`. */
  readonly name: string;
  readonly kind: 'class' | 'function' | 'interface' | 'type' | 'method' | 'property';
  /** Its docstring; empty if it has none. */
  readonly documentation: string;
}

const EXPORT = /^export (?:type )?(?:\*|\{([^}]*)\}) from '\.\/([\w-]+)\.(?:ts|js)';$/gm;
const DECLARATION = /^export (?:declare )?(class|function|interface|type) (\w+)/;
/** A member of a class or an interface, as the compiler formats it, but not `#private`. */
const MEMBER = /^ {4}(?:readonly )?(\[[\w.]+\]|\w+)\??(\()?/;

/**
 * Reads the declarations that `index.d.ts` exports. It reads them as text, because TypeScript 7 has no API, and the compiler's format is
 * regular.
 */
export function declarationsOf(dist: string): Declared[] {
  const index = readFileSync(join(dist, 'index.d.ts'), 'utf8');
  return [...index.matchAll(EXPORT)].flatMap(([, names, module = '']) => {
    const path = join(dist, `${module}.d.ts`);
    if (names === undefined) {
      return declarationsIn(path);
    }
    const lines = readFileSync(path, 'utf8').split('\n');
    const exported = [...names.matchAll(/\b(?!type\b)\w+/g)].map(([name]) => name);
    return exported.flatMap((name) => declarationOf(name, lines));
  });
}

/** Reads the declarations that a file exports itself. */
export function declarationsIn(path: string): Declared[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const name = DECLARATION.exec(line)?.[2];
    return name === undefined ? [] : declarationOf(name, lines);
  });
}

function declarationOf(name: string, lines: readonly string[]): Declared[] {
  const start = lines.findIndex((line) => DECLARATION.exec(line)?.[2] === name);
  if (start < 0) {
    throw new Error(`no declaration of ${name}`);
  }
  const kind = DECLARATION.exec(lines[start] ?? '')?.[1] as Declared['kind'];
  const end = lines.indexOf('}', start);
  const members = kind === 'class' || kind === 'interface' ? lines.slice(start + 1, end) : [];
  return [
    { name, kind, documentation: documentationAbove(lines, start) },
    ...members.flatMap((line, index): Declared[] => {
      const [, member, parenthesis] = MEMBER.exec(line) ?? [];
      if (member === undefined) {
        return [];
      }
      const documentation = documentationAbove(members, index);
      return [
        { name: `${name}.${member}`, kind: parenthesis === undefined ? 'property' : 'method', documentation },
      ];
    }),
  ];
}

function documentationAbove(lines: readonly string[], index: number): string {
  if (!lines[index - 1]?.endsWith('*/')) {
    return '';
  }
  const start = lines.slice(0, index).findLastIndex((line) => line.trimStart().startsWith('/**'));
  return lines.slice(start, index).join('\n');
}
