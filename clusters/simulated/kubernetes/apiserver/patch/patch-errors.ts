import { textOf } from '../encode/json.ts';
import { ApiError, badRequest } from '../../status.ts';

/** An error of the patch library: some are a 400, the others reach the client as they are, with 500 and no reason. */
export const badPatch = (message: string, code: 400 | 500 = 500): ApiError =>
  code === 400 ? badRequest(message) : new ApiError(500, '', message);

/** mergepatch.ErrBadArgType */
export const wrongType = (expected: string, found: unknown): ApiError =>
  badPatch(`expected a ${expected}, but received a ${goType(found)}`);

/** NewGenericServerResponse(422): the cause itself is not shown to the client. */
export function unprocessable(): never {
  throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

function goType(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

/** A value as Go's `%v` prints it. */
export function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (value === null) return '<nil>';
  if (typeof value !== 'object') return textOf(value);
  const fields = value as Record<string, unknown>;
  const entries = Object.keys(fields).sort();
  return `map[${entries.map((key) => `${key}:${goMap(fields[key])}`).join(' ')}]`;
}

/** A JSON value as Go's `%#v` prints it. */
export function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (value === null) return 'interface {}(nil)';
  if (typeof value !== 'object') return JSON.stringify(value);
  const fields = value as Record<string, unknown>;
  const entries = Object.keys(fields).sort();
  return `map[string]interface {}{${entries.map((key) => `${JSON.stringify(key)}:${goSyntax(fields[key])}`).join(', ')}}`;
}
