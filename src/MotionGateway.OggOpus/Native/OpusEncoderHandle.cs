using Microsoft.Win32.SafeHandles;

namespace MotionGateway.OggOpus.Native;

/// <summary>Owns the state of one encoder of libopus. A call with a closed one throws <see cref="ObjectDisposedException"/>.</summary>
internal sealed class OpusEncoderHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        OpusNative.DestroyEncoder(handle);
        return true;
    }
}
