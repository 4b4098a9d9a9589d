package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/group"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/token/tokenfile"
	"k8s.io/apiserver/pkg/authentication/token/union"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/client-go/informers"
	rbaclisters "k8s.io/client-go/listers/rbac/v1"
)

// authenticateTokens accepts the administrator's token and the tokens of a file in the format of kube-apiserver's
// --token-auth-file. Every user with such a token is in the group system:authenticated.
func authenticateTokens(admin, file string) (authenticator.Token, error) {
	known := []authenticator.Token{tokenfile.New(map[string]*user.DefaultInfo{
		admin: {Name: "admin", Groups: []string{user.SystemPrivilegedGroup}},
	})}
	if file != "" {
		listed, err := tokenfile.NewCSV(file)
		if err != nil {
			return nil, err
		}
		known = append(known, listed)
	}
	return group.NewTokenGroupAdder(union.New(known...), []string{user.AllAuthenticated}), nil
}

// rbacAuthorizer evaluates the stored roles and bindings on every request.
type rbacAuthorizer struct {
	roles               rbaclisters.RoleLister
	clusterRoles        rbaclisters.ClusterRoleLister
	roleBindings        rbaclisters.RoleBindingLister
	clusterRoleBindings rbaclisters.ClusterRoleBindingLister
}

func newRBACAuthorizer(factory informers.SharedInformerFactory) *rbacAuthorizer {
	i := factory.Rbac().V1()
	return &rbacAuthorizer{i.Roles().Lister(), i.ClusterRoles().Lister(),
		i.RoleBindings().Lister(), i.ClusterRoleBindings().Lister()}
}

// Open to every authenticated user, as under the default ClusterRoles of a real cluster.
var open = []rbacv1.PolicyRule{
	{Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz", "/healthz/*", "/livez", "/livez/*", "/readyz",
		"/readyz/*", "/version", "/version/", "/openapi", "/openapi/*", "/api", "/api/*", "/apis", "/apis/*"}},
	{Verbs: []string{"create"}, APIGroups: []string{authorizationv1.GroupName, authenticationv1.GroupName},
		Resources: []string{"selfsubjectaccessreviews", "selfsubjectreviews"}},
}

func (r *rbacAuthorizer) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if privileged(a.GetUser()) {
		return authorizer.DecisionAllow, "", nil
	}
	for _, g := range r.grants(a.GetUser(), a.GetNamespace()) {
		if allowed(g.rules, a) {
			return authorizer.DecisionAllow, g.source, nil
		}
	}
	return authorizer.DecisionNoOpinion, "", nil
}

func privileged(who user.Info) bool {
	return slices.Contains(who.GetGroups(), user.SystemPrivilegedGroup)
}

// grant is a set of rules a user holds, and the binding that gives them.
type grant struct {
	source string
	rules  []rbacv1.PolicyRule
}

// grants lists all grants of a user in a namespace; for "", only the cluster-wide grants.
func (r *rbacAuthorizer) grants(who user.Info, namespace string) []grant {
	held := []grant{{"open to all", open}}
	add := func(source string, ref rbacv1.RoleRef) {
		if rules, err := r.rules(ref, namespace); err == nil { // a binding may well outlive its role
			held = append(held, grant{source, rules})
		}
	}
	everywhere, _ := r.clusterRoleBindings.List(labels.Everything())
	for _, b := range everywhere {
		if bound(who, b.Subjects, "") {
			add("RBAC: ClusterRoleBinding "+b.Name, b.RoleRef)
		}
	}
	if namespace != "" { // to the lister that would mean every namespace
		local, _ := r.roleBindings.RoleBindings(namespace).List(labels.Everything())
		for _, b := range local {
			if bound(who, b.Subjects, namespace) {
				add("RBAC: RoleBinding "+namespace+"/"+b.Name, b.RoleRef)
			}
		}
	}
	return held
}

// rules of the referenced role; an aggregated ClusterRole gathers those its selectors match.
func (r *rbacAuthorizer) rules(ref rbacv1.RoleRef, namespace string) ([]rbacv1.PolicyRule, error) {
	if ref.Kind == "Role" {
		role, err := r.roles.Roles(namespace).Get(ref.Name)
		if err != nil {
			return nil, err
		}
		return role.Rules, nil
	}
	role, err := r.clusterRoles.Get(ref.Name)
	if err != nil {
		return nil, err
	}
	rules := slices.Clone(role.Rules)
	if role.AggregationRule != nil {
		for i := range role.AggregationRule.ClusterRoleSelectors {
			selector, err := metav1.LabelSelectorAsSelector(&role.AggregationRule.ClusterRoleSelectors[i])
			if err != nil {
				continue
			}
			parts, _ := r.clusterRoles.List(selector)
			for _, part := range parts {
				rules = append(rules, part.Rules...)
			}
		}
	}
	return rules, nil
}

func bound(who user.Info, subjects []rbacv1.Subject, namespace string) bool {
	return slices.ContainsFunc(subjects, func(s rbacv1.Subject) bool {
		switch s.Kind {
		case rbacv1.UserKind:
			return s.Name == who.GetName()
		case rbacv1.GroupKind:
			return slices.Contains(who.GetGroups(), s.Name)
		case rbacv1.ServiceAccountKind:
			return serviceaccount.MatchesUsername(cmp.Or(s.Namespace, namespace), s.Name, who.GetName())
		}
		return false
	})
}

func allowed(rules []rbacv1.PolicyRule, a authorizer.Attributes) bool {
	has := func(list []string, wanted ...string) bool {
		return slices.ContainsFunc(append(wanted, "*"), func(w string) bool { return slices.Contains(list, w) })
	}
	resource := []string{a.GetResource()}
	if sub := a.GetSubresource(); sub != "" {
		resource = []string{a.GetResource() + "/" + sub, "*/" + sub}
	}
	return slices.ContainsFunc(rules, func(rule rbacv1.PolicyRule) bool {
		if !has(rule.Verbs, a.GetVerb()) {
			return false
		}
		if a.IsResourceRequest() {
			return has(rule.APIGroups, a.GetAPIGroup()) && has(rule.Resources, resource...) &&
				(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, a.GetName()))
		}
		return slices.ContainsFunc(rule.NonResourceURLs, func(pattern string) bool {
			prefix, wild := strings.CutSuffix(pattern, "*")
			return pattern == a.GetPath() || wild && strings.HasPrefix(a.GetPath(), prefix)
		})
	})
}

// review is a create-only resource whose answer is computed, not stored.
type review struct {
	example runtime.Object
	answer  func(ctx context.Context, obj runtime.Object)
}

func (r review) New() runtime.Object     { return r.example.DeepCopyObject() }
func (r review) Destroy()                {}
func (r review) NamespaceScoped() bool   { return false }
func (r review) GetSingularName() string { return strings.ToLower(kindOf(r.example).Kind) }

func (r review) Create(ctx context.Context, obj runtime.Object, validate rest.ValidateObjectFunc, _ *metav1.CreateOptions) (runtime.Object, error) {
	if validate != nil {
		if err := validate(ctx, obj.DeepCopyObject()); err != nil {
			return nil, err
		}
	}
	r.answer(ctx, obj)
	return obj, nil
}

func authenticationReviews(tokens authenticator.Token) map[string]rest.Storage {
	info := func(u user.Info) authenticationv1.UserInfo {
		return authenticationv1.UserInfo{Username: u.GetName(), UID: u.GetUID(), Groups: u.GetGroups()}
	}
	return map[string]rest.Storage{
		"tokenreviews": review{&authenticationv1.TokenReview{}, func(ctx context.Context, obj runtime.Object) {
			t := obj.(*authenticationv1.TokenReview)
			t.Status = authenticationv1.TokenReviewStatus{}
			if who, ok, _ := tokens.AuthenticateToken(ctx, t.Spec.Token); ok {
				t.Status.Authenticated, t.Status.User = true, info(who.User)
			}
		}},
		"selfsubjectreviews": review{&authenticationv1.SelfSubjectReview{}, func(ctx context.Context, obj runtime.Object) {
			who, _ := request.UserFrom(ctx)
			obj.(*authenticationv1.SelfSubjectReview).Status.UserInfo = info(who)
		}},
	}
}

func authorizationReviews(rules authorizer.Authorizer) map[string]rest.Storage {
	check := func(ctx context.Context, who user.Info, res *authorizationv1.ResourceAttributes, url *authorizationv1.NonResourceAttributes) authorizationv1.SubjectAccessReviewStatus {
		a := authorizer.AttributesRecord{User: who, ResourceRequest: res != nil}
		if res != nil {
			a.Verb, a.Namespace, a.Name = res.Verb, res.Namespace, res.Name
			a.APIGroup, a.APIVersion, a.Resource, a.Subresource = res.Group, res.Version, res.Resource, res.Subresource
		} else if url != nil {
			a.Verb, a.Path = url.Verb, url.Path
		}
		decision, reason, _ := rules.Authorize(ctx, a)
		return authorizationv1.SubjectAccessReviewStatus{Allowed: decision == authorizer.DecisionAllow, Reason: reason}
	}
	return map[string]rest.Storage{
		"subjectaccessreviews": review{&authorizationv1.SubjectAccessReview{}, func(ctx context.Context, obj runtime.Object) {
			s := obj.(*authorizationv1.SubjectAccessReview)
			who := &user.DefaultInfo{Name: s.Spec.User, UID: s.Spec.UID, Groups: s.Spec.Groups}
			s.Status = check(ctx, who, s.Spec.ResourceAttributes, s.Spec.NonResourceAttributes)
		}},
		"selfsubjectaccessreviews": review{&authorizationv1.SelfSubjectAccessReview{}, func(ctx context.Context, obj runtime.Object) {
			s := obj.(*authorizationv1.SelfSubjectAccessReview)
			who, _ := request.UserFrom(ctx)
			s.Status = check(ctx, who, s.Spec.ResourceAttributes, s.Spec.NonResourceAttributes)
		}},
	}
}
