import { stringify } from 'yaml';

/** YAML as sigs.k8s.io/yaml writes it: keys sorted, lists not indented, strings quoted where YAML 1.1 would read something else. */
export const yamlText = (value: unknown): string =>
  stringify(value, {
    version: '1.1',
    sortMapEntries: true,
    indentSeq: false,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
