/** The address of this node that `--bind-address` means: there are those of IPv4 alone, of which `::` takes all. */
export const servedAddress = (address: string): string => (address === '::' ? '0.0.0.0' : address);

/** How Go's net package shows where it listens: on every address it does so for both families. */
export const shownAddress = (address: string): string =>
  address === '0.0.0.0' || address.includes(':') ? `[${address === '0.0.0.0' ? '::' : address}]` : address;
