namespace MotionGateway.Testing;

/// <summary>Finds files of the repository from wherever a test runs.</summary>
public static class RepositoryRoot
{
    private static readonly Lazy<string> Root = new(Find);

    /// <summary>The repository's directory.</summary>
    public static string Directory => Root.Value;

    /// <summary>The path of a file in the repository.</summary>
    /// <param name="parts">The path from the root.</param>
    public static string PathTo(params string[] parts) => Path.Combine([Directory, .. parts]);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "MotionGateway.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not in the repository.");
    }
}
