# Files, folders and links as a template, a seed or a volume asks for them.
our %NR;

# What `write_entry` takes, out of fields one after another.
sub entries {
  my @entries;
  push @entries, [splice @_, 0, 4] while @_;
  return @entries;
}

# A machine may have no place for unit files; the units are there all the same.
sub write_entries {
  my $has_units = -d UNITS();
  write_entry(@$_) for grep { $has_units || $_->[2] !~ m{^(/usr)?/lib/systemd/system/} } @_;
}

my %made_parent;

# Writes one entry; missing folders are made. Symlinks resolve inside the host, which is the root by now.
sub write_entry {
  my ($kind, $mode, $path, $data) = @_;
  my ($parent) = $path =~ m{^(.*)/};
  make_parents($path) unless $made_parent{$parent}++; # hundreds of files, a few dozen folders
  if ($kind eq 'link') {
    symlink($data, $path) and return;
    unlink $path;
    symlink($data, $path) or die "symlink $path: $!\n";
    return;
  }
  $mode = oct $mode;
  my $is_new = $kind eq 'folder' ? mkdir($path, $mode) : write_new_file($path, $mode, $data);
  return if $is_new && !($mode & 07022); # what the mask of this process lets through
  if (!$is_new && $kind ne 'folder') {
    open(my $file, '>', $path) or die "write $path: $!\n";
    write_all($file, $data) or die "write $path: $!\n";
  }
  chmod $mode, $path;
}

# By three calls of the system: each host begins with hundreds of files, and of a file that it opens perl wants to know four things more.
# False when there is one already, or when it cannot be made.
sub write_new_file {
  my ($path, $mode, $data) = @_; # copied: the kernel may not be given a constant
  my $file = syscall($NR{openat}, -100, $path, 0301, $mode);
  return 0 if $file < 0;
  my $written = length $data ? syscall($NR{write}, $file, $data, length $data) : 0;
  syscall($NR{close}, $file);
  $written == length $data or die "write $path: $!\n";
  return 1;
}
