using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Motion;

/// <summary>
/// Turns the sound of consecutive keyframes into a face. A keyframe depends on nothing but the sound up to it and its index. Each part
/// keeps to the range that it has in the real service's motion: the jaw never quite shuts, the neck leans forward, the eyes are left to
/// whoever draws the face, and the expression never comes to rest at zero.
/// </summary>
internal sealed class FaceAnimator
{
    private const int ExpressionCount = 100;
    private const float JawShutRadians = 0.005f;
    private const float JawOpenRadians = 0.063f;

    // A voice of everyday loudness opens the mouth more than half, and a loud one whole.
    private const float JawGain = 1.4f;

    // Shares of the way to the target covered in one keyframe: a mouth opens faster than it falls shut.
    private const float Attack = 0.7f;
    private const float Release = 0.4f;
    private const float ShapeRate = 0.5f;

    // FLAME's expression space is statistical and has no coefficient "lips": these are this server's choice of the strongest ones.
    private const int OpenCoefficient = 0;
    private const int SpreadCoefficient = 1;
    private const int RoundCoefficient = 2;
    private const int HissCoefficient = 3;
    private const int BrowCoefficient = 4;
    private const int FirstOther = 5;

    // All other coefficients lie somewhere by nature, and lean as far as the mouth opens.
    private const float OthersAtRest = 0.34f;
    private const float OthersInSpeech = 0.55f;

    private long _keyframe;
    private float _jaw;
    private float _round;
    private float _spread;
    private float _hiss;
    private float _emphasis;

    public Flame Next(in SpeechFeatures features)
    {
        float jawTarget = features.Loudness * (0.6f + (0.4f * features.Openness)) * (1 - (0.6f * features.Hiss));
        _jaw = Approach(_jaw, jawTarget, jawTarget > _jaw ? Attack : Release);
        _round = Approach(_round, features.Loudness * features.Rounding, ShapeRate);
        _spread = Approach(_spread, features.Loudness * features.Spreading, ShapeRate);
        _hiss = Approach(_hiss, features.Loudness * features.Hiss, ShapeRate);
        _emphasis = Approach(_emphasis, features.Loudness, 0.08f);
        return Pose((double)_keyframe++ / MotionTimeline.KeyframesPerSecond);
    }

    private Flame Pose(double seconds)
    {
        float opening = MathF.Min(1, JawGain * _jaw);
        return new Flame
        {
            Translation = { 0f, 0f, 0f },
            Rotation = { 0f, 0f, 0f },
            NeckPose =
            {
                0.122f + Sway(0.034, 0.7, seconds) + Sway(0.014, 1.3, seconds) + (0.005f * _emphasis),
                -0.012f + Sway(0.014, 0.23, seconds),
                0.022f + Sway(0.016, 0.19, seconds),
            },
            JawPose = { JawShutRadians + ((JawOpenRadians - JawShutRadians) * opening), 0f, 0f },
            EyePose = { 0f, 0f, 0f, 0f, 0f, 0f },
            EyeLid = { 0f, 0f },
            Expression = { Expression(opening) },
        };
    }

    private float[] Expression(float opening)
    {
        var expression = new float[ExpressionCount];
        expression[OpenCoefficient] = 1.2f * _jaw;
        expression[SpreadCoefficient] = 1.0f * _spread;
        expression[RoundCoefficient] = 1.2f * _round;
        expression[HissCoefficient] = 0.8f * _hiss;
        expression[BrowCoefficient] = 0.5f * _emphasis;
        for (int i = FirstOther; i < ExpressionCount; i++)
        {
            // Which way each goes is of no meaning, only that they do not go together.
            float rest = (i & 1) == 0 ? OthersAtRest : -OthersAtRest;
            expression[i] = rest + (((i & 2) == 0 ? OthersInSpeech : -OthersInSpeech) * opening);
        }

        return expression;
    }

    private static float Sway(double radians, double hertz, double seconds) => (float)(radians * Math.Sin(2 * Math.PI * hertz * seconds));

    private static float Approach(float current, float target, float rate) => current + ((target - current) * rate);
}
