import { readSections } from './elf.ts';

/**
 * Reads the types that a Go program carries for reflection out of its ELF file: struct fields in order, with the tags that hold JSON
 * names, protobuf numbers and strategic-merge keys. A published kubectl so tells all about the API that no npm package does.
 * Layouts: go/src/internal/abi/type.go (Go 1.22 to 1.25, 64-bit little endian).
 */
export interface GoType {
  /** `k8s.io/api/core/v1.PodSpec`; empty for a type without a name. */
  readonly name: string;
  readonly kind: string;
  readonly elem?: GoType;
  readonly fields?: readonly GoField[];
  /** Address of the method `SwaggerDoc`, which returns the descriptions of the fields. */
  readonly swaggerDoc?: number;
}

export interface GoField {
  readonly name: string;
  readonly embedded: boolean;
  readonly tag: string;
  readonly type: GoType;
}

const kinds =
  'invalid bool int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 uintptr float32 float64 complex64 complex128 array chan func interface map pointer slice string struct unsafe.Pointer'.split(
    ' ',
  );

const uncommonFlag = 1;
const extraStarFlag = 2;
const namedFlag = 4;

/** Bytes of each kind's own header, after which the "uncommon" part (package path, methods) begins. 48 for plain kinds. */
const headerSize: Readonly<Record<string, number>> = {
  struct: 80,
  pointer: 56,
  slice: 56,
  interface: 80,
  func: 56,
  array: 72,
  chan: 64,
};

/** All named struct types by `package path.Name`. Throws when the file is not a Go program for 64-bit Linux. */
export function goTypes(elf: Buffer): Map<string, GoType> {
  const sections = readSections(elf);
  const rodata = sections.get('.rodata');
  const typelink = sections.get('.typelink');
  const text = sections.get('.text');
  if (rodata === undefined || typelink === undefined || text === undefined)
    throw new Error('not a Go program: a section is missing');
  const base = rodata.address;
  const at = (address: number): number => {
    for (const s of sections.values())
      if (s.address !== 0 && address >= s.address && address < s.address + s.size)
        return address - s.address + s.offset;
    throw new Error(`address ${address.toString(16)} lies in no section`);
  };
  const word = (offset: number): number => Number(elf.readBigUInt64LE(offset));

  const nameAt = (address: number): { text: string; tag: string; embedded: boolean } => {
    let offset = at(address);
    const flags = elf[offset++] ?? 0;
    const part = (): string => {
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = elf[offset++] ?? 0;
        length |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      offset += length;
      return elf.toString('utf8', offset - length, offset);
    };
    const own = part();
    return { text: own, tag: (flags & 2) === 0 ? '' : part(), embedded: (flags & 8) !== 0 };
  };

  const swaggerDocAt = (uncommon: number): number | undefined => {
    const methods = uncommon + elf.readUInt32LE(uncommon + 8);
    for (let i = 0; i < elf.readUInt16LE(uncommon + 4); i++) {
      const method = methods + i * 16;
      if (nameAt(base + elf.readInt32LE(method)).text === 'SwaggerDoc')
        return text.address + elf.readInt32LE(method + 12);
    }
    return undefined;
  };

  const seen = new Map<number, GoType>();
  const typeAt = (address: number): GoType => {
    const known = seen.get(address);
    if (known !== undefined) return known;
    const offset = at(address);
    const flags = elf[offset + 20] ?? 0;
    const kind = kinds[(elf[offset + 23] ?? 0) & 31] ?? 'invalid';
    const type: { name: string; kind: string; elem?: GoType; fields?: GoField[]; swaggerDoc?: number } = {
      name: '',
      kind,
    };
    seen.set(address, type);
    if ((flags & namedFlag) !== 0) {
      const label = nameAt(base + elf.readInt32LE(offset + 40)).text.slice((flags & extraStarFlag) === 0 ? 0 : 1);
      // The header of a map differs between versions of Go, so a named map keeps its short name: `v1.ResourceList`.
      const uncommon = (flags & uncommonFlag) === 0 || kind === 'map' ? 0 : offset + (headerSize[kind] ?? 48);
      const path = uncommon === 0 ? '' : nameAt(base + elf.readInt32LE(uncommon)).text;
      type.name = path === '' ? label : `${path}.${label.slice(label.lastIndexOf('.') + 1)}`;
      const doc = uncommon !== 0 && kind === 'struct' ? swaggerDocAt(uncommon) : undefined;
      if (doc !== undefined) type.swaggerDoc = doc;
    }
    if (kind === 'pointer' || kind === 'slice' || kind === 'array') type.elem = typeAt(word(offset + 48));
    if (kind === 'map') type.elem = typeAt(word(offset + 56));
    if (kind === 'struct') {
      type.fields = [];
      const fields = word(offset + 64) === 0 ? 0 : at(word(offset + 56));
      for (let i = 0; i < word(offset + 64); i++) {
        const field = fields + i * 24;
        const { text, tag, embedded } = nameAt(word(field));
        type.fields.push({ name: text, tag, embedded, type: typeAt(word(field + 8)) });
      }
    }
    return type;
  };

  for (let i = 0; i < typelink.size; i += 4) typeAt(base + elf.readInt32LE(typelink.offset + i));
  return new Map([...seen.values()].filter((t) => t.kind === 'struct' && t.name !== '').map((t) => [t.name, t]));
}
