# A host's files. The supervisor steps into the host's mount namespace, so that every path, and every symlink a learner has made,
# resolves inside that host; /proc/self means nothing there, as the supervisor has no process number in it.
our $HOME_NAMESPACE;

sub within {
  my ($host, $kind, $work) = @_;
  kernel('setns', fileno($host->{$kind}) + 0, 0);
  my @result = eval { $work->() };
  my $failure = $@;
  kernel('setns', fileno($HOME_NAMESPACE->{$kind}) + 0, 0);
  die $failure if $failure;
  return @result;
}

sub read_host_file {
  my ($host, @file) = @_;
  return within($host, 'mnt', sub { read_file(@file) });
}

sub write_host_file {
  my ($host, @file) = @_;
  within($host, 'mnt', sub { write_file(@file) });
}

# In place, as a daemon writes its log.
sub append_host_file {
  my ($host, $path, $mode, $content) = @_;
  within($host, 'mnt', sub {
    make_parents($path);
    sysopen(my $file, $path, 06501, oct $mode) or die "append to $path: $!\n"; # never blocks, never becomes a terminal
    -f $file or die "$path is not a regular file\n";
    write_all($file, $content) or die "append to $path: $!\n";
  });
}

# Bytes of a regular file; nothing when there is none.
sub size_of_host_file {
  my ($host, $path) = @_;
  return within($host, 'mnt', sub { return -f $path ? -s _ : () });
}

sub link_host_file {
  my ($host, $path, $target) = @_;
  within($host, 'mnt', sub {
    make_parents($path);
    unlink $path;
    symlink($target, $path) or die "link $path: $!\n";
  });
}

# Files and links of folders and of the folders in them: path and, of a link, its target.
sub list_host_tree {
  my ($host, @folders) = @_;
  return within($host, 'mnt', sub {
    my @found;
    for my $top (@folders) {
      my @below = ($top);
      while (defined(my $folder = shift @below)) {
        opendir(my $list, $folder) or next;
        for my $path (map { "$folder/$_" } sort grep { $_ ne '.' && $_ ne '..' } readdir $list) {
          return @found if @found >= 4000;
          if (-l $path) { push @found, $path, readlink $path }
          elsif (-f _) { push @found, $path, '' }
          elsif (-d _ && $folder eq $top) { push @below, $path }
        }
      }
    }
    return @found;
  });
}

sub list_host_folder {
  my ($host, $path) = @_;
  return within($host, 'mnt', sub {
    opendir(my $folder, $path) or return 'absent';
    my @names = grep { $_ ne '.' && $_ ne '..' } readdir $folder;
    return ('listed', @names > 10000 ? @names[0 .. 9999] : @names);
  });
}

sub remove_host_file {
  my ($host, $path) = @_;
  within($host, 'mnt', sub { unlink $path or $! == 2 or die "remove $path: $!\n" });
}

# ---- Changes -------------------------------------------------------------------------------------------------------------------
# One inotify for the lab. A watch holds the file or folder itself, and the nearest folder above it that exists.
my ($inotify, %watches, %watched_by);

sub CHANGES() { 0xfce } # modify attrib close-write moves create delete

sub open_inotify {
  my $fd = kernel('inotify_init1', 02004000);
  open($inotify, '<&=', $fd) or die "inotify: $!\n";
  return $inotify;
}

sub watch_host_path {
  my ($id, $host, $path) = @_;
  $watches{$id} = {host => $host, path => $path, points => {}};
  arm_watch($id);
}

sub arm_watch {
  my ($id) = @_;
  my $watch = $watches{$id} or return;
  within($watch->{host}, 'mnt', sub {
    my ($above, $name) = ($watch->{path}, '');
    add_watch_point($id, $above, undef) if -e $above;
    do { ($above, $name) = $above =~ m{^(.*)/([^/]+)$} ? ($1, $2) : ('/', $name) } until $above eq '' || -d $above;
    add_watch_point($id, $above eq '' ? '/' : $above, $name);
  });
}

sub add_watch_point {
  my ($id, $path, $name) = @_;
  my $mask = CHANGES | 0x20000000; # added to what another watch asked of the same inode
  my $point = syscall($NR{inotify_add_watch}, fileno($inotify), "$path", $mask + 0);
  return if $point < 0;
  $watches{$id}{points}{$point}{$name // ''} = 1;
  $watched_by{$point}{$id} = 1;
}

sub unwatch {
  my ($id) = @_;
  my $watch = delete $watches{$id} or return;
  for my $point (keys %{$watch->{points}}) {
    delete $watched_by{$point}{$id};
    next if %{$watched_by{$point}};
    delete $watched_by{$point};
    syscall($NR{inotify_rm_watch}, fileno($inotify), $point + 0);
  }
}

# Reads what happened and tells the server which watches it concerns.
sub tell_changes {
  my %touched;
  while (sysread($inotify, my $events, 1 << 16)) {
    while (length $events) {
      my ($point, $mask, $cookie, $size) = unpack('l L L L', $events);
      my $name = unpack('Z*', substr($events, 16, $size));
      substr($events, 0, 16 + $size) = '';
      my @ids = $mask & 0x4000 ? keys %watches : keys %{$watched_by{$point} // {}}; # 0x4000: the kernel's queue ran over
      for my $id (@ids) {
        my $names = $watches{$id}{points}{$point} // {};
        $touched{$id} ||= 0;
        # Something else in the folder above does not concern it; anything on the point itself does.
        $touched{$id} = 1 if $mask & 0x4000 || $names->{''} || $names->{$name};
        delete $watches{$id}{points}{$point} if $mask & 0x8000; # gone with its inode
      }
      delete $watched_by{$point} if $mask & 0x8000;
    }
  }
  for my $id (keys %touched) {
    next unless $touched{$id};
    arm_watch($id);
    send_frame(0, 'changed', $id);
  }
}
