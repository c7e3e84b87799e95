# Reads and writes one file, wherever the caller stands: every path, and every symlink a learner has made, resolves in its root.

# `absent`; `refused` and why; or `read`, mode, whether there is more, bytes.
sub read_file {
  my ($path, $limit) = @_;
  return 'absent' unless -e $path || !($! == 2 || $! == 20);
  return ('refused', -d _ ? "$path: Is a directory" : "$path is not a regular file") if -e _ && !-f _;
  sysopen(my $file, $path, 04400) or return ('refused', "$path: $!"); # never blocks, never becomes a terminal
  my @stat = stat $file;
  return ('refused', "$path is not a regular file") unless -f _;
  my $bytes = '';
  while (length $bytes <= $limit) {
    my $got = sysread($file, $bytes, $limit + 1 - length $bytes, length $bytes);
    last unless $got;
  }
  my @answer = ('read', $stat[2] & 07777, length $bytes > $limit ? 1 : 0, substr($bytes, 0, $limit));
  undef $bytes; # gives its memory back, which may be megabytes and would be kept for the next file
  return @answer;
}

# Beside the file and then over it, so that no reader finds half a file; a symlink at the end is followed, as an editor would.
sub write_file {
  my ($path, $mode, $content) = @_;
  for (my $hops = 0; -l $path; $hops++) {
    die "$path: too many symlinks\n" if $hops > 20;
    my $target = readlink $path;
    $path = $target =~ m{^/} ? $target : ($path =~ s{[^/]+$}{$target}r);
  }
  make_parents($path);
  die "$path is not a regular file\n" if -e $path && !-f _;
  my $beside = "$path.breachlab-new";
  unlink $beside;
  sysopen(my $file, $beside, 0301, 0600) or die "write $path: $!\n";
  my $written = write_all($file, $content) && chmod(oct $mode, $beside);
  return if $written && rename($beside, $path);
  my ($reason, $mounted) = ("$!", $written && $! == 16);
  unlink $beside;
  $mounted or die "write $path: $reason\n";
  # A mount of its own, as Docker makes /etc/hosts one: nothing can be put in its place.
  sysopen($file, $path, 01001) && write_all($file, $content) && chmod(oct $mode, $path) or die "write $path: $!\n";
}

sub make_parents {
  my ($path) = @_;
  my $parent = '';
  my @parts = split m{/+}, $path;
  for my $part (@parts[1 .. $#parts - 1]) {
    $parent .= "/$part";
    -d $parent or mkdir $parent, 0755 or die "mkdir $parent: $!\n";
  }
}
