using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MotionGateway.Hosting.Tests;

public sealed class ReloadedTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly FakeTimeProvider _time = new();

    private string First => Path.Combine(_directory.FullName, "first");

    private string Second => Path.Combine(_directory.FullName, "second");

    public ReloadedTests()
    {
        File.WriteAllText(First, "a");
        File.WriteAllText(Second, "b");
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Current_AfterAFileChanged_IsWhatTheFilesSay()
    {
        using var both = Read();
        List<string> told = [];
        both.Changed += told.Add;
        File.WriteAllText(Second, "c");
        _time.Advance(Reloaded<string>.Interval);
        _time.Advance(Reloaded<string>.Interval);

        Assert.Equal("ac", both.Current);
        Assert.Equal(["ac"], told);
    }

    [Fact]
    public void Current_AfterALinkWasReplaced_IsWhatItPointsTo()
    {
        string link = Path.Combine(_directory.FullName, "link");
        File.CreateSymbolicLink(link, First);
        using var linked = new Reloaded<string>("Setting", [link], () => File.ReadAllText(link), _time, NullLogger.Instance);
        File.Delete(link);
        File.CreateSymbolicLink(link, Second);
        _time.Advance(Reloaded<string>.Interval);

        Assert.Equal("b", linked.Current);
    }

    [Fact]
    public void Current_AfterAFileBecameUnusable_IsWhatItWas_UntilItIsMended()
    {
        using var both = Read();
        File.Delete(Second);
        _time.Advance(Reloaded<string>.Interval);
        string unusable = both.Current;
        File.WriteAllText(Second, "d");
        _time.Advance(Reloaded<string>.Interval);

        Assert.Equal("ab", unusable);
        Assert.Equal("ad", both.Current);
    }

    [Fact]
    public void Begin_OfAFileThatIsNotThere_Fails()
    {
        File.Delete(Second);

        Assert.Throws<FileNotFoundException>(Read);
    }

    private Reloaded<string> Read() => new(
        "Setting", [First, Second], () => File.ReadAllText(First) + File.ReadAllText(Second), _time, NullLogger.Instance);
}
