/** A section of an ELF file: where it is loaded and where its bytes are. */
export interface Section {
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

/** The sections of a 64-bit little-endian ELF file by name (elf(5)). Throws for any other file. */
export function readSections(elf: Buffer): Map<string, Section> {
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2) throw new Error('not a 64-bit ELF file');
  const table = Number(elf.readBigUInt64LE(40));
  const size = elf.readUInt16LE(58);
  const raw = Array.from({ length: elf.readUInt16LE(60) }, (_, i) => {
    const o = table + i * size;
    return {
      name: elf.readUInt32LE(o),
      address: Number(elf.readBigUInt64LE(o + 16)),
      offset: Number(elf.readBigUInt64LE(o + 24)),
      size: Number(elf.readBigUInt64LE(o + 32)),
    };
  });
  const names = raw[elf.readUInt16LE(62)]?.offset ?? 0;
  return new Map(raw.map((s) => [elf.toString('latin1', names + s.name, elf.indexOf(0, names + s.name)), s]));
}
