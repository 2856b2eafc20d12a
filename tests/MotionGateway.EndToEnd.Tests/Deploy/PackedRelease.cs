using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests.Deploy;

/// <summary>What <c>deploy/pack.sh</c> makes: made once, when the first test asks for it.</summary>
public sealed class PackedRelease : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("motiongateway-packed-");
    private readonly Lazy<Task> _packing;

    public PackedRelease() => _packing = new(() => ChildProcess.RunAsync(
        RepositoryRoot.PathTo("deploy", "pack.sh"), ["--output", Directory], Path.GetTempPath(),
        new Dictionary<string, string> { ["MSBUILDDISABLENODEREUSE"] = "1" }, Limit));

    /// <summary>Where it is.</summary>
    public string Directory => _directory.FullName;

    /// <summary>Waits until all is made.</summary>
    public Task MakeAsync() => _packing.Value;

    /// <summary>Unpacks an archive of the executable into a directory, which has nothing else.</summary>
    /// <param name="name">The end of its name, such as <c>-linux-x64</c>.</param>
    /// <param name="directory">The directory.</param>
    /// <returns>The archive's own directory in it.</returns>
    public async Task<string> UnpackAsync(string name, string directory)
    {
        await MakeAsync();
        string archive = $"motiongateway-{Version}{name}";
        await ChildProcess.RunAsync("tar", ["--extract", "--file", Path.Combine(Directory, $"{archive}.tar.gz"), "--directory", directory]);
        return Path.Combine(directory, archive);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string Version => _directory.GetFiles("motiongateway-*-linux-x64.tar.gz").Single().Name.Split('-')[1];
}
