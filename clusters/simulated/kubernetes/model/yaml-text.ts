import { parseDocument } from 'yaml';
import { UnmarshalError } from './typed.ts';

/**
 * YAML as the API server reads it (sigs.k8s.io/yaml: YAML 1.1 booleans, no timestamps, first document only) and the duplicate keys that
 * its strict reader reports. Throws UnmarshalError. Aliases are bounded by the parser.
 */
export function parseYaml(text: string): { value: unknown; problems: string[] } {
  if (CONTROL.test(text)) throw new UnmarshalError('yaml: control characters are not allowed');
  const document = parseDocument(text, {
    version: '1.1',
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error', // what it would warn of is read as it reads it, and a client could fill the log
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:timestamp'),
  });
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  const repeated = document.errors.filter((error) => error.code === 'DUPLICATE_KEY');
  const broken = document.errors.find((error) => error.code !== 'DUPLICATE_KEY' && error.code !== 'MULTIPLE_DOCS');
  if (broken?.message.includes('call stack')) throw tooDeep(broken);
  if (broken !== undefined)
    throw new UnmarshalError(`yaml: line ${lineOf(broken.pos[0])}: ${broken.message}`, { cause: broken });
  try {
    return {
      value: document.toJS({ maxAliasCount: 100 }) as unknown,
      problems: repeated.map((error) => {
        const key = /^\s*["']?([^"':\s]+)/.exec(text.slice(error.pos[0]))?.[1] ?? '';
        return `yaml: unmarshal errors:\n  line ${lineOf(error.pos[0])}: key ${JSON.stringify(key)} already set in map`;
      }),
    };
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(error);
    throw new UnmarshalError(`yaml: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Characters that YAML's reader does not take (go.yaml.in/yaml/v2, readerc.go). */
// oxlint-disable-next-line no-control-regex -- it is about them
const CONTROL = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/;

/** The parser calls itself for each level until the stack is full; Go's stops at ten thousand. */
const tooDeep = (cause: Error): UnmarshalError => new UnmarshalError('yaml: exceeded max depth of 10000', { cause });
