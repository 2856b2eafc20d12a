using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>A directory tree into which the release was installed, as <c>install.sh</c> would into <c>/</c>.</summary>
public sealed class InstalledTree : IAsyncLifetime
{
    private readonly PackedRelease _release;
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("motiongateway-root-");

    public InstalledTree(PackedRelease release) => (_release, Tree) = (release, new SystemTree(_root.FullName));

    /// <summary>What was installed.</summary>
    internal SystemTree Tree { get; }

    /// <summary>The unpacked archive that it was installed from.</summary>
    public string Unpacked { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Unpacked = await _release.UnpackAsync("-linux-x64", Directory.CreateDirectory(Tree.PathTo("unpacked")).FullName);
        await InstallAsync();
    }

    /// <summary>Installs what was unpacked.</summary>
    public Task InstallAsync() => ChildProcess.RunAsync(Path.Combine(Unpacked, "install.sh"), ["--root", Tree.Root]);

    public Task DisposeAsync()
    {
        _root.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
