namespace Gateway.Policies.Jwt;

/// <summary>Why a token is refused: the texts that Envoy answers with. Null stands for a good token.</summary>
/// <remarks>Envoy source/common/jwt/status.cc</remarks>
internal static class JwtStatus
{
    public const string Missing = "Jwt is missing";
    public const string NotYetValid = "Jwt not yet valid";
    public const string Expired = "Jwt is expired";
    public const string BadFormat = "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections";
    public const string HeaderBadBase64 = "Jwt header is an invalid Base64url encoded";
    public const string HeaderBadJson = "Jwt header is an invalid JSON";
    public const string HeaderBadAlg = "Jwt header [alg] field is required and must be a string";
    public const string HeaderNotImplementedAlg = "Jwt header [alg] is not supported";
    public const string HeaderBadKid = "Jwt header [kid] field is not a string";
    public const string PayloadBadBase64 = "Jwt payload is an invalid Base64url encoded";
    public const string PayloadBadJson = "Jwt payload is an invalid JSON";
    public const string AudienceNotString = "Jwt payload [aud] field is not a string or string list";
    public const string SignatureBadBase64 = "Jwt signature is an invalid Base64url encoded";
    public const string UnknownIssuer = "Jwt issuer is not configured";
    public const string AudienceNotAllowed = "Audiences in Jwt are not allowed";
    public const string VerificationFails = "Jwt verification fails";
    public const string NoValidKeys = "Jwks doesn't have any valid public key";
    public const string KidAlgMismatch = "Jwks doesn't have key to match kid or alg from Jwt";

    /// <summary>A claim that must be text is none.</summary>
    public static string NotString(string claim) => $"Jwt payload [{claim}] field is not a string";

    /// <summary>A claim that must be a time is no number.</summary>
    public static string NotInteger(string claim) => $"Jwt payload [{claim}] field is not an integer";

    /// <summary>A claim that must be a time is negative or too big.</summary>
    public static string OutOfRange(string claim) => $"Jwt payload [{claim}] field is not a positive 64 bit integer";
}
