# What containers see of volumes: a pod's own, in its folder, and paths of its node. None of them leads out of where it lies.
our (%hosts, %NR);

# Volumes of a pod: entries as of a template, whose paths begin with the volume's name. A link is replaced in one step.
sub write_volumes {
  my ($name, @entries) = @_;
  $hosts{$name} or die "pod $name is gone\n";
  for my $entry (@entries) {
    my ($kind, $mode, $path, $data) = @$entry;
    my $at = "/sys/lab/$name/$path";
    if ($kind eq 'link') {
      make_parents($at);
      unlink "$at.new";
      symlink($data, "$at.new") && rename("$at.new", $at) or die "link $path: $!\n";
    } elsif ($kind eq 'gone') { remove_tree($at) }
    elsif ($kind eq 'memory') { mkdir $at; mount_at('tmpfs', 'tmpfs', $at, MS_NOSUID | MS_NODEV, "mode=$mode,size=$data,nr_inodes=1k") }
    elsif ($kind eq 'owner') { if ($hosts{$name}{has_users}) { chown split(/:/, $data), $at or die "owner of $path: $!\n" } }
    else { write_entry($kind, $mode, $at, $data) }
  }
}

# The beginning of a file of the supervisor's own among a pod's volumes.
sub read_volume {
  my ($name, $path, $size) = @_;
  sysopen(my $file, "/sys/lab/$name/$path", NO_FOLLOW) or return '';
  sysread($file, my $bytes, $size);
  return $bytes // '';
}

# Bytes that volumes of a pod and the roots of its containers take up, in that order.
sub storage_used {
  my ($name, $volumes, $containers) = @_;
  my @roots = map { my $container = $hosts{$_}; $container ? within($container, 'mnt', \&used_by_root) : 0 } split / /, $containers;
  return ((map { size_of_tree("/sys/lab/$name/$_") } split / /, $volumes), @roots);
}

sub used_by_root {
  my ($root, $answer) = ('/', "\0" x 128);
  syscall($NR{statfs}, $root, $answer) == 0 or die "statfs: $!\n"; # which a copy of it would not be told
  my (undef, $block, $all, $free) = unpack('Q4', $answer);
  return ($all - $free) * $block;
}

sub size_of_tree {
  my ($path) = @_;
  my $size = ((lstat $path)[12] // 0) * 512;
  if (-d _ && opendir(my $list, $path)) { $size += size_of_tree("$path/$_") for grep { $_ ne '.' && $_ ne '..' } readdir $list }
  return $size;
}

# Of files that the server has written, in a volume no container can write to.
sub remove_tree {
  my ($path) = @_;
  if (-d $path && !-l $path) {
    opendir(my $list, $path) or return;
    remove_tree("$path/$_") for grep { $_ ne '.' && $_ ne '..' } readdir $list;
    rmdir $path;
  } else { unlink $path }
}

# What lies at a path of a node, and is made there when it should be. A node without a machine has a folder of the supervisor's, in which
# no link is followed.
sub look_at_node_path {
  my ($node, $path, $make) = @_;
  my $look = sub {
    my ($at) = @_;
    if (!-e $at && $make ne '') {
      die "open $path: \l$!\n" unless $! == 2 || $! == 20;
      make_parents($at);
      if ($make eq 'folder') { mkdir $at, 0755 or die "mkdir $path: \l$!\n" }
      else { sysopen(my $file, $at, 0301, 0644) or die "open $path: \l$!\n" }
    }
    return 'absent' unless -e $at;
    return -d _ ? 'folder' : -f _ ? 'file' : -S _ ? 'socket' : -c _ ? 'character device' : -b _ ? 'block device' : 'else';
  };
  return within($hosts{$node}, 'mnt', sub { $look->($path) }) if $hosts{$node};
  my $at = "/sys/lab/nodes/$node";
  mkdir $at;
  for my $part (grep { $_ ne '' && $_ ne '.' } split m{/}, $path) {
    die "not simulated: $path on a node without a machine\n" if $part eq '..' || -l "$at/$part";
    $at .= "/$part";
  }
  return $look->($at);
}

# Opens the paths of nodes with a machine, in which a learner's links lead wherever they do on that machine and never out of it.
sub hold_node_paths {
  my ($mounts) = @_;
  my @held;
  for (my $i = 0; $i < @$mounts; $i += 5) {
    my ($place, $source, $beneath, $target, $options) = @$mounts[$i .. $i + 4];
    my $host = $place eq '' ? undef : $hosts{$place} or next;
    my ($tree, $is_folder) = within($host, 'mnt', sub {
      my $path = $beneath eq '' ? $source : "$source/$beneath";
      die "subPath $beneath leads out of its volume\n" if grep { $_ eq '..' } split m{/}, $beneath;
      if (!-e $path && !(eval { make_parents($path); 1 } && mkdir $path, 0755)) {
        return if $! == 30; # the machine's own folders take nothing
        die "mkdir $path: $!\n";
      }
      return (open_tree($path), -d $path ? 1 : 0);
    });
    if (!$tree) {
      mkdir '/sys/lab/nothing';
      ($tree, $is_folder, $options) = (open_tree('/sys/lab/nothing'), 1, 'ro');
    }
    push @held, [$tree, $is_folder, $target, "node $options"];
  }
  return @held;
}

# A mount of its own of what lies there, with the mounts below.
sub open_tree {
  my ($path) = @_;
  my $fd = kernel('open_tree', -100, "$path", 0x8001); # OPEN_TREE_CLONE | AT_RECURSIVE
  open(my $tree, '<&=', $fd) or die "$path: $!\n";
  return $tree;
}

# Opens a folder or file of a pod's volumes as a mount of its own. `beneath` (a subPath) is walked without following links.
sub hold_volume {
  my ($volume, $beneath, $options) = @_;
  sysopen(my $at, $volume, 010000000 | NO_FOLLOW) or die "volume $volume: $!\n"; # O_PATH
  for my $part (grep { $_ ne '' && $_ ne '.' } split m{/}, $beneath) {
    die "subPath $beneath leads out of its volume\n" if $part eq '..';
    my $next = '/.old/proc/self/fd/' . fileno($at) . "/$part";
    mkdir $next, 0755 if $options =~ /make/ && !-e $next && !-l $next;
    sysopen(my $inner, $next, 010000000 | NO_FOLLOW) or die "subPath $beneath: $!\n";
    die "subPath $beneath leads through a link\n" if ((stat $inner)[2] & 0170000) == 0120000;
    $at = $inner;
  }
  my $fd = kernel('open_tree', fileno($at) + 0, '', 0x1001); # OPEN_TREE_CLONE | AT_EMPTY_PATH
  open(my $tree, '<&=', $fd) or die "volume: $!\n";
  return ($tree, ((stat $at)[2] & 0170000) == 0040000 ? 1 : 0);
}

sub place_volume {
  my ($tree, $is_folder, $target, $options) = @_;
  if (!-e $target) {
    make_parents($target);
    if ($is_folder) { mkdir $target, 0755 or die "mkdir $target: $!\n" }
    else { open(my $point, '>', $target) or die "$target: $!\n" }
  }
  kernel('move_mount', fileno($tree) + 0, '', -100, "$target", 4); # MOVE_MOUNT_F_EMPTY_PATH
  # What a machine has of devices it may show to who is given its folders.
  set_mount($target, NO_SUID | ($options =~ /node/ ? 0 : NO_DEV) | ($options =~ /ro/ ? READ_ONLY : 0));
}
