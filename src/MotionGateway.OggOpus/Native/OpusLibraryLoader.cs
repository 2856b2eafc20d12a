using System.Runtime.InteropServices;

namespace MotionGateway.OggOpus.Native;

/// <summary>Finds libopus under the names that distributions give it. The first that loads is used.</summary>
internal sealed class OpusLibraryLoader(IReadOnlyList<string> names)
{
    // Homebrew's directories are not among those that macOS searches.
    private static readonly string[] UsualNames =
    [
        "libopus.so.0", "libopus.so", "libopus.0.dylib", "libopus.dylib",
        "/opt/homebrew/lib/libopus.0.dylib", "/usr/local/lib/libopus.0.dylib",
        "opus.dll", "libopus-0.dll", "opus",
    ];

    private readonly Lazy<nint> _handle = new(() => Load(names));

    /// <summary>The one that calls into the library go through.</summary>
    public static OpusLibraryLoader Default { get; } = new(UsualNames);

    public bool IsAvailable => Handle != 0;

    /// <summary>The loaded library; zero when there is none.</summary>
    public nint Handle => _handle.Value;

    private static nint Load(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, typeof(OpusLibraryLoader).Assembly, searchPath: null, out var handle))
            {
                if (NativeLibrary.TryGetExport(handle, OpusNative.ProbedExport, out _))
                {
                    return handle;
                }

                NativeLibrary.Free(handle);
            }
        }

        return 0;
    }
}
