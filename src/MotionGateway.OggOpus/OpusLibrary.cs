using System.Runtime.InteropServices;
using MotionGateway.OggOpus.Native;

namespace MotionGateway.OggOpus;

/// <summary>The native libopus, looked for once and kept for the life of the process.</summary>
public static class OpusLibrary
{
    /// <summary>Whether libopus is there, so that audio can be encoded and decoded.</summary>
    public static bool IsAvailable => OpusLibraryLoader.Default.IsAvailable;

    /// <summary>What the library calls itself, such as <c>libopus 1.3.1</c>.</summary>
    /// <exception cref="OpusLibraryMissingException">It is not there.</exception>
    public static string Version
    {
        get
        {
            Require();
            return Marshal.PtrToStringUTF8(OpusNative.GetVersionString()) ?? "libopus";
        }
    }

    /// <summary>Does nothing when the library is there, and says how to install it when not.</summary>
    /// <exception cref="OpusLibraryMissingException">It is not there.</exception>
    public static void Require() => OpusLibraryLoader.Default.Require();
}
