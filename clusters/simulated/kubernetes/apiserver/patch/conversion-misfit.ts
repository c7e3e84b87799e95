import { isFields } from '../apply/field-schema.ts';
import type { Shape, TypeSchema } from '../../model/schema.ts';

/**
 * The first value of a strategically merged object that does not fit its Go type, in the words of the converter that upstream takes
 * there instead of the JSON reader (apimachinery/pkg/runtime/converter.go, fromUnstructured): fields in the order of the struct.
 * Undefined when all fit, and for texts that only their own type can read (times, quantities, base64), which the JSON reader judges.
 */
export function conversionMisfit(value: unknown, schema: TypeSchema): string | undefined {
  if (!isFields(value)) return `cannot restore struct from: ${goKind(value)}`;
  for (const { name, shape, goType } of schema.fields) {
    const misfit = misfitOf(value[name], shape, goType);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
}

/** `goType` is that of the whole field; that of the elements of a list or map follows from it. */
function misfitOf(value: unknown, shape: Shape, goType: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (shape.is) {
    case 'object':
      return conversionMisfit(value, shape.type);
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${goKind(value)}`;
      return firstOf(value, (item) => misfitOf(item, shape.of, goType.replace(/^\[\]/, '')));
    case 'map': {
      if (!isFields(value)) return `cannot restore map from ${goKind(value)}`;
      const names = Object.keys(value).sort();
      return firstOf(names, (name) => misfitOf(value[name], shape.of, goType.replace(/^map\[string\]/, '')));
    }
    case 'bytes':
      return typeof value === 'string' ? undefined : `cannot restore slice from ${goKind(value)}`;
    case 'string':
      if (typeof value === 'string') return undefined;
      return Number.isInteger(value) ? `cannot convert int64 to ${bare(goType)}` : 'unrecognized type: string';
    case 'bool':
      return typeof value === 'boolean' ? undefined : 'unrecognized type: bool';
    case 'int32':
    case 'int64':
      if (typeof value !== 'number') return `unrecognized type: ${shape.is}`;
      return Number.isInteger(value) ? undefined : `cannot convert float64 to ${bare(goType)}`;
    case 'double':
      return typeof value === 'number' ? undefined : 'unrecognized type: float64';
    // Types that read themselves are handed the JSON of the value.
    case 'time':
    case 'microTime':
    case 'duration':
      return typeof value === 'string' ? undefined : unreadable(value, 'string');
    case 'intOrString':
      return typeof value === 'string' || Number.isInteger(value) ? undefined : unreadable(value, 'int32');
    case 'quantity':
    case 'any':
      break;
  }
  return undefined;
}

function firstOf<T>(items: readonly T[], misfit: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = misfit(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const bare = (goType: string): string => goType.replace(/^\*/, '');

const unreadable = (value: unknown, goType: string): string =>
  `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${goType}`;

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : typeof value;
}

/** The kind that Go's reflection names for a decoded JSON value. */
function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map';
}
