import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresources,
  CustomResourceValidation,
  JSONSchemaProps,
  SelectableField,
} from '../../../model/generated/objects.ts';
import { duplicate, invalid, required, tooMany, type Findings } from '../field-errors.ts';
import { pathProblem } from './field-paths.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MOST_SELECTABLE = 8;

/** ValidateCustomResourceDefinitionSubresources of apiextensions-apiserver/pkg/apis/apiextensions/validation. */
export function validateSubresources(
  subresources: CustomResourceSubresources | undefined,
  path: string,
  found: Findings,
): void {
  const scale = subresources?.scale;
  if (!scale) return;
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale as Partial<typeof scale>;
  validateScalePath(specReplicasPath, `${path}.scale.specReplicasPath`, ['.spec.'], found);
  validateScalePath(statusReplicasPath, `${path}.scale.statusReplicasPath`, ['.status.'], found);
  if (labelSelectorPath !== '') {
    validateScalePath(labelSelectorPath, `${path}.scale.labelSelectorPath`, ['.spec.', '.status.'], found);
  }
}

function validateScalePath(text: string, field: string, under: readonly string[], found: Findings): void {
  if (text === '') return void found.push(required(field));
  const wrong = simplePathError(text);
  if (wrong !== undefined) found.push(invalid(field, text, wrong));
  else if (!under.some((start) => text.startsWith(start))) {
    const where = under.map((start) => start.slice(0, -1)).join(' or ');
    found.push(invalid(field, text, `should be a json path under ${under.length > 1 ? 'either ' : ''}${where}`));
  }
}

/** validateSimpleJSONPath */
const simplePathError = (text: string): string | undefined =>
  text.startsWith('.') ? undefined : 'must be a simple json path starting with .';

/** ValidateCustomResourceColumnDefinition */
export function validateColumns(
  columns: readonly CustomResourceColumnDefinition[] = [],
  path: string,
  found: Findings,
): void {
  for (const [i, column] of columns.entries()) {
    const { name, type, format = '', jsonPath } = column as Partial<CustomResourceColumnDefinition>;
    const at = `${path}[${i}]`;
    const oneOf = `must be one of ${COLUMN_TYPES.join(',')}`;
    if (!name) found.push(required(`${at}.name`));
    if (!type) found.push(required(`${at}.type`, oneOf));
    else if (!COLUMN_TYPES.includes(type)) found.push(invalid(`${at}.type`, type, oneOf));
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      found.push(invalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    const wrong = jsonPath ? simplePathError(jsonPath) : undefined;
    if (!jsonPath) found.push(required(`${at}.JSONPath`));
    else if (wrong !== undefined) found.push(invalid(`${at}.JSONPath`, jsonPath, wrong));
  }
}

/** ValidateCustomResourceSelectableFields */
export function validateSelectableFields(
  fields: readonly SelectableField[] = [],
  schema: CustomResourceValidation | undefined,
  path: string,
  found: Findings,
): void {
  const root = schema?.openAPIV3Schema;
  if (fields.length === 0 || !root) return;
  const seen = new Set<string>();
  for (const [i, { jsonPath }] of fields.entries()) {
    const at = `${path}[${i}].jsonPath`;
    const say = (why: string): void => void found.push(invalid(at, jsonPath, why));
    if (!jsonPath) {
      found.push(required(at));
      continue;
    }
    const reached = pathProblem(jsonPath, root, false);
    if ('failed' in reached) {
      say(`is an invalid path: ${reached.failed}`);
      continue;
    }
    if (reached.path.split('.')[0] === 'metadata') say('must not point to fields in metadata');
    if (!isSelectable(reached.schema)) {
      say(
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      );
    }
    if (seen.has(reached.path)) found.push(duplicate(at, jsonPath));
    seen.add(reached.path);
  }
  if (seen.size > MOST_SELECTABLE) found.push(tooMany(path, seen.size, MOST_SELECTABLE));
}

const isSelectable = ({ type = '' }: JSONSchemaProps): boolean => ['string', 'boolean', 'integer'].includes(type);
